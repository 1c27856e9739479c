import type { Ecosystem } from '../../model/ecosystem.js'
import { readCargo } from './read.js'
import { CARGO_RULES } from './rules.js'
import { CARGO_EVIDENCE_RULES } from './rules-evidence.js'

export const cargo: Ecosystem = {
  name: 'cargo',
  title: 'Cargo (Rust)',
  read: readCargo,
  rules: [...CARGO_RULES, ...CARGO_EVIDENCE_RULES],
}

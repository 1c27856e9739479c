import type { Ecosystem } from '../../model/ecosystem.js'
import { readNimble } from './read.js'
import { NIMBLE_RULES } from './rules.js'
import { NIMBLE_EVIDENCE_RULES } from './rules-evidence.js'

export const nimble: Ecosystem = {
  name: 'nimble',
  title: 'Nimble (Nim)',
  read: readNimble,
  rules: [...NIMBLE_RULES, ...NIMBLE_EVIDENCE_RULES],
}

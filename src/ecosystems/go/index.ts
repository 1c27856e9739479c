import type { Ecosystem } from '../../model/ecosystem.js'
import { readGo } from './read.js'
import { GO_RULES } from './rules.js'
import { GO_EVIDENCE_RULES } from './rules-evidence.js'

export const go: Ecosystem = { name: 'go', title: 'Go', read: readGo, rules: [...GO_RULES, ...GO_EVIDENCE_RULES] }

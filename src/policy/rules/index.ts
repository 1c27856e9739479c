import type { Rule } from '../../model/rule.js'
import { GRAPH_RULES } from './graph.js'
import { INPUT_RULES } from './input.js'
import { INTEGRITY_RULES } from './integrity.js'
import { POLICY_RULES } from './policy.js'
import { SOURCE_RULES } from './source.js'

/** Every rule that no ecosystem owns. A new rule is one object in one of these lists. */
export const GENERIC_RULES: readonly Rule[] = [
  ...INPUT_RULES,
  ...INTEGRITY_RULES,
  ...SOURCE_RULES,
  ...GRAPH_RULES,
  ...POLICY_RULES,
]

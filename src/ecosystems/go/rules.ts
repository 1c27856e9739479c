import type { Rule } from '../../model/rule.js'

export const GO_RULES: readonly Rule[] = []

import { ECOSYSTEMS } from '../ecosystems/index.js'
import type { Rule } from '../model/rule.js'
import { GENERIC_RULES } from '../policy/rules/index.js'

/** Every rule there is: those no ecosystem owns, then each ecosystem's own. */
export async function allRules(): Promise<readonly Rule[]> {
  const ecosystems = await Promise.all(ECOSYSTEMS.map((entry) => entry.load()))
  return [...GENERIC_RULES, ...ecosystems.flatMap((ecosystem) => ecosystem.rules)]
}

import { describe, expect, it } from 'vitest'
import { allRules } from '../../src/audit/rules.js'

/**
 * Rule ids stand in configurations, waivers and baselines of others: they are public names. A new rule is a new line in the
 * list (`npx vitest run test/audit/rule-ids.test.ts --update`); a renamed or lost one breaks every file that names it, and fails here.
 */
describe('the ids of all rules', () => {
  it('are those of the list, in code-unit order', async () => {
    const ids = (await allRules()).map((rule) => rule.id).sort()
    await expect(`${ids.join('\n')}\n`).toMatchFileSnapshot('rule-ids.golden.txt')
  })
})

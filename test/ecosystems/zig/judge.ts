import { mergeInventories } from '../../../src/audit/merge.js'
import { ZIG_RULES } from '../../../src/ecosystems/zig/rules.js'
import type { FindingDraft } from '../../../src/model/finding.js'
import type { Inventory } from '../../../src/model/graph.js'
import { GraphView } from '../../../src/model/graph-view.js'
import { NO_RELEASE_SETTINGS } from '../../../src/model/release-settings.js'
import type { OptionValue, Settings } from '../../../src/model/rule.js'
import { NO_TRUST_SETTINGS } from '../../../src/model/trust-settings.js'
import { NOT_ASKED } from '../../../src/model/verification.js'
import { GENERIC_RULES } from '../../../src/policy/rules/index.js'

const SETTINGS: Settings = {
  sources: { registries: [], mirrors: [], git: { orgs: [], require: 'any' }, hosts: [], internal: [] },
  deny: [],
  allow: [],
  trust: NO_TRUST_SETTINGS,
  release: NO_RELEASE_SETTINGS,
}

/** What one rule, with its default options or the given ones, finds in an inventory. */
export function judge(
  inventory: Inventory,
  id: string,
  options: Readonly<Record<string, OptionValue>> = {},
): readonly FindingDraft[] {
  const rule = [...ZIG_RULES, ...GENERIC_RULES].find((candidate) => candidate.id === id)
  if (rule === undefined) throw new Error(`there is no rule ${id}`)
  const graph = new GraphView(mergeInventories([inventory]))
  const option = <K extends OptionValue>(name: string): K => (options[name] ?? rule.options?.[name]?.default) as K
  const asked = { evidence: [], verification: NOT_ASKED, isClaimed: () => false, settings: SETTINGS, today: '2026-08-01' }
  return rule.evaluate({ ...asked, graph, option }).findings
}

import { mergeInventories } from '../../../src/audit/merge.js'
import { claimNimble } from '../../../src/ecosystems/nimble/claims.js'
import { nimble } from '../../../src/ecosystems/nimble/index.js'
import type { FindingDraft } from '../../../src/model/finding.js'
import type { Inventory } from '../../../src/model/graph.js'
import { GraphView } from '../../../src/model/graph-view.js'
import { NO_RELEASE_SETTINGS } from '../../../src/model/release-settings.js'
import type { OptionValue } from '../../../src/model/rule.js'
import type { SourceTree } from '../../../src/model/tree.js'
import { NO_TRUST_SETTINGS } from '../../../src/model/trust-settings.js'
import { NOT_ASKED } from '../../../src/model/verification.js'
import { claimedFiles } from '../../support/claimed-files.js'
import { MemoryTree } from '../../support/memory-tree.js'
import { hasShared, readSharedJson } from '../../support/shared.js'

export const COMMIT = '666b9d0e037c05a2cf4e3ac14abf3837d0d4bd7b'
export const SHA1 = '1d338487a63ab21f6299a76ba516b02754331f36'

type Files = Readonly<Record<string, string>>

export async function readTree(tree: SourceTree, cache?: SourceTree): Promise<Inventory> {
  return nimble.read({
    tree,
    files: await claimedFiles(tree, claimNimble),
    options: {
      caches: new Map(cache === undefined ? [] : [['nimble-packages', cache]]),
      environment: new Map(),
      targets: [],
      features: undefined,
    },
  })
}

export async function readFiles(files: Files, cache?: Files): Promise<Inventory> {
  return readTree(new MemoryTree(files), cache === undefined ? undefined : new MemoryTree(cache))
}

/** A manifest that states everything nimble asks for. */
export function manifest(...lines: string[]): string {
  return ['version = "1.0.0"', 'license = "MIT"', ...lines, ''].join('\n')
}

/** A lock entry; what a test cares about overrides the rest. */
export function entry(name: string, rest: object = {}): Record<string, unknown> {
  return {
    version: '1.0.0',
    vcsRevision: COMMIT,
    url: `https://example.org/nim/${name}`,
    downloadMethod: 'git',
    dependencies: [],
    checksums: { sha1: SHA1 },
    ...rest,
  }
}

export function lock(packages: Readonly<Record<string, object>>, tasks: object = {}): string {
  return JSON.stringify({ version: 2, packages, tasks }, null, 2)
}

/** What a rule says of an inventory, with its default options unless the test gives others. */
export function judge(
  id: string,
  inventory: Inventory,
  options: Readonly<Record<string, OptionValue>> = {},
): readonly FindingDraft[] {
  const rule = nimble.rules.find((one) => one.id === id)
  if (rule === undefined) throw new Error(`no rule ${id}`)
  return rule.evaluate({
    graph: new GraphView(mergeInventories([inventory])),
    evidence: [],
    verification: NOT_ASKED,
    isClaimed: () => false,
    settings: {
      sources: { registries: [], mirrors: [], git: { orgs: [], require: 'any' }, hosts: [], internal: [] },
      deny: [],
      allow: [],
      trust: NO_TRUST_SETTINGS,
      release: NO_RELEASE_SETTINGS,
    },
    // The options of a rule are typed by its own declaration; the test gives what the declaration says.
    option: <K extends OptionValue>(name: string) => (options[name] ?? rule.options?.[name]?.default) as K,
    today: '2026-08-01',
  }).findings
}

/** A shared table for a `describe` that is skipped without it: its body runs all the same, to find its tests. */
export function sharedTable<T>(absent: T, ...parts: string[]): T {
  return hasShared(...parts) ? readSharedJson<T>(...parts) : absent
}

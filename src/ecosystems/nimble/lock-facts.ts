import type { LockFlag } from './lock-model.js'
import type { Note } from './note.js'
import { urlFacts } from './note.js'
import type { ProjectGraph, ProjectInput } from './project.js'
import { readPackageUrl } from './url.js'

/** What the lockfile itself shows (spec/nimble.md §11). */
export function lockFacts(input: ProjectInput, graph: ProjectGraph, note: Note): void {
  const { lock } = input
  if (lock === undefined) return
  const special = specialRequirements(input, graph)
  for (const flag of lock.flags) flagFact(flag, graph, special, note)
  for (const { entry, component } of graph.known.values()) urlFacts(entry.url.text, 'git', entry.url.location, note, component.id)
}

/** Entries whose requirement names a branch: said where it is written, not again in the lock. */
function specialRequirements(input: ProjectInput, graph: ProjectGraph): ReadonlySet<unknown> {
  const asked = (input.manifest?.requires ?? []).filter(({ requirement }) => requirement.range.kind === 'special')
  return new Set(asked.map((wanted) => graph.index?.wanted(wanted.requirement, wanted.task)))
}

function flagFact(flag: LockFlag, graph: ProjectGraph, special: ReadonlySet<unknown>, note: Note): void {
  if (!('entry' in flag)) {
    switch (flag.code) {
      case 'cycle':
        note('nimble/lock-cycle', flag.location, { path: flag.names })
        return
      case 'toolchain-not-locked':
        note('nimble/toolchain-not-locked', flag.location, {})
        return
      case 'atlas-format-in-nimble-lock':
      case 'trailing-comma':
      case 'comment':
      case 'byte-order-mark':
        note('nimble/lock-leniency', flag.location, { what: LENIENCY[flag.code] })
        return
      case 'unknown-version':
        // The reader has said so already, as a diagnostic.
        return
    }
  }
  const { entry } = flag
  const component = graph.known.get(entry)?.component
  const id = component?.id
  const isToolchain = component?.type === 'toolchain'
  switch (flag.code) {
    case 'unpinned':
      note('nimble/revision-missing', entry.location, { name: entry.name, version: entry.version }, id)
      return
    case 'missing-checksum':
      if (!isToolchain) note('integrity/checksum-missing', entry.location, { why: 'its entry leaves the sha1 empty' }, id)
      return
    case 'no-checksum':
      note('integrity/checksum-missing', entry.location, { why: 'the lockfile of Atlas has none; that of nimble would' }, id)
      return
    case 'special-version':
      if (!special.has(entry))
        note('nimble/special-version', entry.location, { requirement: `${entry.name}${entry.version}`, what: 'locked' }, id)
      return
    case 'duplicate-entry':
      note('graph/duplicate-entry', entry.location, { name: entry.name, version: entry.version }, id)
      return
    case 'dangling-dependency':
      note('nimble/dangling-dependency', flag.dependency.location, { dependency: flag.dependency.text }, id)
      return
    case 'local-url':
      note('source/path-outside', entry.url.location, { name: entry.name, path: readPackageUrl(entry.url.text).url }, id)
      return
    case 'cleartext-url':
    case 'url-injection':
      // Said for every URL alike, with its transport.
      return
  }
}

const LENIENCY: Readonly<Record<'atlas-format-in-nimble-lock' | 'trailing-comma' | 'comment' | 'byte-order-mark', string>> = {
  'atlas-format-in-nimble-lock': 'the format of Atlas under the name of nimble',
  'trailing-comma': 'a comma before a closing bracket',
  comment: 'a comment',
  'byte-order-mark': 'a byte-order mark',
}

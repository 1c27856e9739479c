import type { ComponentId } from '../../model/component.js'
import type { Location } from '../../model/location.js'
import { refCode } from './manifest-draft.js'
import type { Command, Manifest, ManifestFlag } from './manifest-model.js'
import type { Note } from './note.js'

/**
 * What a manifest shows: of the project itself, or of a dependency whose copy is at hand. `at` stands in for places that
 * are not in the tree.
 */
export function manifestFacts(
  manifest: Manifest,
  component: ComponentId | undefined,
  at: Location | undefined,
  note: Note,
): void {
  commandFacts(manifest, component, at, note, undefined)
  for (const flag of manifest.flags) flagFact(flag, component, at ?? flag.location, note)
  for (const { when, action, executes, location } of manifest.hooks)
    note('nimble/hook', at ?? location, { hook: `${when} ${action}`, executes }, component)
  for (const { text, location } of manifest.foreignDeps) note('nimble/system-library', at ?? location, { name: text }, component)
  if (manifest.certainty === 'exact') return
  const doubts = manifest.flags.filter((flag) => DOUBTS.has(flag.code))
  const [first] = doubts
  const why = [...new Set(doubts.map((flag) => DOUBTS.get(flag.code) ?? flag.code))]
  note('nimble/manifest-uncertain', at ?? first?.location ?? top(manifest), { certainty: manifest.certainty, why }, component)
}

const DOUBTS: ReadonlyMap<ManifestFlag['code'], string> = new Map([
  ['conditional-requires', 'requirements under a condition'],
  ['computed-requires', 'computed requirements'],
  ['loop-requires', 'requirements in a loop'],
  ['too-many-requirements', 'more requirements than are read'],
  ['computed-version', 'a computed version'],
  ['computed-field', 'computed fields'],
  ['conditional-field', 'fields under a condition'],
  ['unknown-statement', 'calls of unknown effect'],
  ['include', 'an included file'],
  ['import', 'an imported file'],
])

function top(manifest: Manifest): Location {
  return { file: manifest.path, line: 1, column: 1 }
}

function flagFact({ code, detail }: ManifestFlag, component: ComponentId | undefined, location: Location, note: Note): void {
  switch (code) {
    case 'requires-syntax':
      note('nimble/requirement-syntax', location, { requirement: detail, why: 'nimble refuses it' }, component)
      return
    case 'suspicious-name':
      note(
        'nimble/requirement-syntax',
        location,
        { requirement: detail, why: 'nimble takes all of it for the name of a package' },
        component,
      )
      return
    case 'mutable-ref':
    case 'symbolic-ref':
    case 'short-or-symbolic-ref':
      note('nimble/special-version', location, { requirement: detail, what: followed(detail) }, component)
      return
    case 'name-mismatch':
      note('nimble/manifest-invalid', location, { why: 'the name inside differs from the name of the file' }, component)
      return
    case 'missing-version':
      note('nimble/manifest-invalid', location, { why: 'it states no version' }, component)
      return
    case 'missing-license':
      note('nimble/manifest-invalid', location, { why: 'it states no license' }, component)
      return
    default:
      return
  }
}

/** What `name#ref` follows, as far as the text tells. */
function followed(requirement: string): 'head' | 'commit' | 'tag' | 'branch' {
  const ref = requirement.slice(requirement.lastIndexOf('#'))
  const code = refCode(ref)
  if (code === 'mutable-ref') return 'head'
  if (code === 'short-or-symbolic-ref') return 'commit'
  return /^#v?[0-9]+(?:\.[0-9]+)*/.test(ref) ? 'tag' : 'branch'
}

const DOWNLOADS = /\b(?:curl|wget|fetch|download|invoke-webrequest|git\s+clone)\b/i
const DIGESTS = /sha-?(?:256|384|512)|shasum|minisign|gpg\s+--verify|b2sum|cosign/i

/** The commands of a manifest, and the code that runs when it is read or installed (spec/nimble.md §2.4). */
export function commandFacts(
  manifest: Manifest,
  component: ComponentId | undefined,
  at: Location | undefined,
  note: Note,
  reader: string | undefined,
): void {
  const checked = manifest.commands.some((command) => DIGESTS.test(command.text))
  for (const command of manifest.commands) {
    const location = at ?? command.location
    const { name, does, moment, within, text, urls } = command
    const runs = moment === 'parse' || moment === 'install'
    const network = does === 'executes' && (urls.length > 0 || DOWNLOADS.test(text))
    note('nimble/command', location, { command: name, does, when: moment, within: within ?? '', text, network, urls }, component)
    if (does === 'executes' && (runs || /^(?:before|after) build$/.test(within ?? '')))
      note('graph/build-code', location, { what: `${name} when ${occasion(command, reader)}` }, component)
    if (!runs || !network || checked) continue
    for (const url of urls) note('nimble/binary-fetch', location, { url, when: occasion(command, reader) }, component)
  }
}

function occasion({ moment, within }: Command, reader: string | undefined): string {
  if (moment === 'parse') return reader ?? 'its manifest is read'
  return moment === 'install' ? 'it is installed' : `${within ?? 'a task'} runs`
}

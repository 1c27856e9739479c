import type { Location } from '../model/location.js'
import type { IdentitySettings, TrustRequirement, TrustSettings } from '../model/trust-settings.js'
import { STRANGERS_TRIGGERS } from '../model/trust-settings.js'
import type { TomlDocument, TomlPath, TomlTable } from '../syntax/toml.js'
import type { RuleSetting } from './config.js'
import type { ConfigProblem } from './config-problem.js'
import type { ReviewChecks } from './reviews/review-file.js'
import { readReviewFiles } from './reviews/review-files.js'
import { table, tables, text, texts } from './toml-values.js'
import { checkTrustPattern } from './trust-match.js'

type Refused = { readonly ok: false; readonly why: string }

/** What only the caller can check: policy knows no signatures, and opens nothing. */
export interface TrustChecks extends ReviewChecks {
  /** Compiles a pattern for identities. */
  readonly parsePattern: (
    source: string,
  ) => { readonly ok: true; readonly pattern: { readonly matches: (text: string) => boolean } } | Refused
  /** Reads a URL with variables. */
  readonly parseTemplate: (text: string) => { readonly ok: true } | Refused
  /** Reads a reference to something in a registry. */
  readonly parseReference: (text: string) => { readonly ok: true } | Refused
  /** Whether a file is there, by its path from the folder of the first file. */
  readonly isFile: (path: string) => boolean
}

/** A file under reading, and where what is wrong goes. */
interface TrustReading {
  readonly document: TomlDocument
  /** Folder of the file, as locations have it: paths count from there. */
  readonly folder: string
  readonly checks: TrustChecks
  readonly problems: ConfigProblem[]
}

/**
 * The `[trust]` table of a file whose shape the schema has checked. What files say adds up; of identities the first that
 * matches counts, and those of the file itself come before those of the files that it extends.
 */
export function trustSettings(reading: TrustReading, below: TrustSettings): TrustSettings {
  const own = table(reading.document.value['trust'])
  if (own === undefined) return below
  const files = (key: string): readonly string[] => filesOf(own, ['trust'], key, reading)
  const online = own['online-roots']
  const fallback = own['root-fallback']
  const { github } = own
  for (const [i, pattern] of texts(github).entries()) notePattern(pattern, ['trust', 'github', i], false, reading)
  return {
    roots: [...files('roots'), ...below.roots],
    onlineRoots: typeof online === 'boolean' ? online : below.onlineRoots,
    rootFallback: typeof fallback === 'boolean' ? fallback : below.rootFallback,
    // Folders are opened when they are needed: a replay knows what they held.
    folders: [...texts(own['attestations']).map((path) => fromFolder(reading.folder, path)), ...below.folders],
    templates: [...tables(own['urls']).map((entry, i) => urlTemplate(entry, i, reading)), ...below.templates],
    github: [...texts(github), ...below.github],
    githubForRequired: github === true || below.githubForRequired,
    identities: [...tables(own['identities']).map((entry, i) => identity(entry, i, reading)), ...below.identities],
    require: [...tables(own['require']).map((entry, i) => requirement(entry, i, reading)), ...below.require],
    builders: [
      ...tables(own['builders']).map((entry) => ({
        id: text(entry['id']) ?? '',
        issuer: text(entry['issuer']),
        signerWorkflow: text(entry['signer-workflow']) ?? '',
        level: levelOf(entry) ?? 1,
      })),
      ...below.builders,
    ],
    allowedSigners: [...files('allowed-signers'), ...below.allowedSigners],
    openpgpKeys: [...files('openpgp-keys'), ...below.openpgpKeys],
    reviews: readReviewFiles(
      texts(own['reviews']).map((path, i) => ({
        path: fromFolder(reading.folder, path),
        location: locate(reading, ['trust', 'reviews', i]),
      })),
      below.reviews,
      reading.checks,
      reading.problems,
    ),
  }
}

/** A list of files, each of which must be there: without its keys or roots nothing could be judged, and late. */
function filesOf(own: TomlTable, path: TomlPath, key: string, reading: TrustReading): readonly string[] {
  return texts(own[key]).map((written, i) => {
    const file = fromFolder(reading.folder, written)
    if (!reading.checks.isFile(file))
      reading.problems.push({
        location: locate(reading, [...path, key, i]),
        message: `${written} is no file; paths count from the folder of the file that names them`,
      })
    return file
  })
}

/** Where nothing says so otherwise, what is asked for under `require` fails the gate: else it would only be told. */
export function severitiesOfRequirements(own: TomlTable | undefined): ReadonlyMap<string, RuleSetting> {
  const required = tables(own?.['require'])
  const error: RuleSetting = { severity: 'error', options: new Map() }
  const ids = [
    ...(required.length > 0 ? ['trust/attestation-missing'] : []),
    ...(required.some((entry) => levelOf(entry) !== undefined) ? ['trust/provenance-level-low'] : []),
  ]
  return new Map(ids.map((id) => [id, error]))
}

/** Fields that a certificate is compared with, by key; the first group tells one signer from another. */
const NAMING = ['san', 'san-pattern', 'source-repository', 'source-repository-id', 'owner-id', 'signer-workflow'] as const
const REFINING = ['issuer', 'refs', 'workflow', 'signer-ref', 'triggers', 'runner', 'environment', 'visibility'] as const
/** Fields that are compared exactly, where a star would never match. */
const EXACT = ['san', 'source-repository', 'signer-workflow', 'signer-ref', 'workflow'] as const
const URLS = ['issuer', 'source-repository', 'signer-workflow'] as const

function identity(entry: TomlTable, i: number, reading: TrustReading): IdentitySettings {
  const match = text(entry['match']) ?? ''
  const path = ['trust', 'identities', i]
  const note = (key: string | undefined, message: string): void => {
    reading.problems.push({ location: locate(reading, key === undefined ? path : [...path, key]), message })
  }
  notePattern(match, [...path, 'match'], true, reading)
  const stated = new Set(Object.keys(entry))
  const keys = texts(entry['keys'])
  if (stated.has('keys')) {
    const also = [...NAMING, ...REFINING].find((key) => stated.has(key))
    if (keys.length === 0) note('keys', 'an identity without a key accepts nobody; name the files of its public keys')
    if (also !== undefined)
      note(
        also,
        `${also} is said of certificates, and this identity is one of keys; write two identities, or drop one of the two`,
      )
  } else {
    noteUnconstrained(entry, stated, note, reading.checks.parsePattern)
  }
  for (const key of URLS) {
    const url = text(entry[key])
    if (url !== undefined && !/^https:\/\/[^/\s]+/.test(url))
      note(key, `${JSON.stringify(url)} is no https URL; write it whole, https://…`)
  }
  for (const key of EXACT)
    if (text(entry[key])?.includes('*') === true)
      note(key, `${key} is compared exactly, and a star is no part of it; use san-pattern, or name the source-repository`)
  for (const [j, trigger] of texts(entry['triggers']).entries())
    if (STRANGERS_TRIGGERS.has(trigger))
      reading.problems.push({
        location: locate(reading, [...path, 'triggers', j]),
        message: `${trigger} lets strangers start a build, and no release may come of that; use push, release or workflow_dispatch`,
      })
  for (const [j, ref] of texts(entry['refs']).entries()) {
    const odd = oddPart(ref)
    if (odd !== undefined)
      reading.problems.push({
        location: locate(reading, [...path, 'refs', j]),
        message: `${odd} stands for nothing in a ref; {version} and {name} do, e.g. refs/tags/v{version}`,
      })
  }
  return {
    name: text(entry['name']),
    match,
    issuer: text(entry['issuer']),
    san: text(entry['san']),
    sanPattern: text(entry['san-pattern']),
    sourceRepository: text(entry['source-repository']),
    sourceRepositoryId: text(entry['source-repository-id']),
    ownerId: text(entry['owner-id']),
    refs: optionalTexts(entry, 'refs'),
    workflow: text(entry['workflow']),
    signerWorkflow: text(entry['signer-workflow']),
    signerRef: text(entry['signer-ref']),
    triggers: optionalTexts(entry, 'triggers'),
    runner: text(entry['runner']),
    environment: text(entry['environment']),
    visibility: text(entry['visibility']),
    builders: optionalTexts(entry, 'builders'),
    predicateTypes: optionalTexts(entry, 'predicate-types'),
    keys: stated.has('keys') ? filesOf(entry, path, 'keys', reading) : undefined,
  }
}

/** Names that no owner's pattern means: one that accepts them accepts everybody. */
const NOBODYS_NAMES = [
  'https://github.com/assay-nobody-7f3a/x/.github/workflows/a.yml@refs/heads/main',
  'https://github.com/assay-nobody-7f3a/x/.github/workflows/release.yml@refs/tags/v1.0.0',
  'https://gitlab.com/assay-nobody-7f3a/x//.gitlab-ci.yml@refs/heads/main',
  'assay-nobody-7f3a@assay-nobody.example',
]

function noteUnconstrained(
  entry: TomlTable,
  stated: ReadonlySet<string>,
  note: (key: string | undefined, message: string) => void,
  parsePattern: TrustChecks['parsePattern'],
): void {
  const naming = NAMING.filter((key) => stated.has(key))
  if (!stated.has('issuer'))
    note(
      undefined,
      'an identity without its issuer: another provider may hand out the same name; add issuer, e.g. https://token.actions.githubusercontent.com',
    )
  if (naming.length === 0)
    note(undefined, `an issuer alone lets everybody sign who has an account there; add one of ${NAMING.join(', ')}`)
  const source = text(entry['san-pattern'])
  if (source === undefined) return
  const parsed = parsePattern(source)
  if (!parsed.ok)
    note(
      'san-pattern',
      `it cannot be used: ${parsed.why}; it is matched against the whole name, with at most three repetitions and none of a group`,
    )
  else if (naming.length === 1 && NOBODYS_NAMES.some((name) => parsed.pattern.matches(name)))
    note('san-pattern', 'it accepts names of anybody; write the owner and repository into it')
}

function requirement(entry: TomlTable, i: number, reading: TrustReading): TrustRequirement {
  const match = text(entry['match']) ?? ''
  const kind = text(entry['kind'])
  const level = levelOf(entry)
  notePattern(match, ['trust', 'require', i, 'match'], false, reading)
  if (level !== undefined && kind !== undefined && kind !== 'provenance')
    reading.problems.push({
      location: locate(reading, ['trust', 'require', i, 'level']),
      message: `a level is one of builds, and this asks for ${kind}; write kind = "provenance"`,
    })
  return { match, kind: kind === 'signature' || kind === 'sbom' ? kind : 'provenance', level }
}

function urlTemplate(entry: TomlTable, i: number, reading: TrustReading): TrustSettings['templates'][number] {
  const match = text(entry['match']) ?? ''
  const url = text(entry['url']) ?? ''
  notePattern(match, ['trust', 'urls', i, 'match'], false, reading)
  const parsed = reading.checks.parseTemplate(url)
  if (!parsed.ok)
    reading.problems.push({
      location: locate(reading, ['trust', 'urls', i, 'url']),
      message: `the URL cannot be used: ${parsed.why}`,
    })
  return { match, url }
}

const REF_VARIABLES: ReadonlySet<string> = new Set(['version', 'name'])

/** The first `{…}` that is no variable of a ref, a brace that stands alone, or a star. */
function oddPart(ref: string): string | undefined {
  for (const [whole, name = ''] of ref.matchAll(/\{([^{}]*)\}/g)) if (!REF_VARIABLES.has(name)) return whole
  return /[{}*]/.exec(ref.replaceAll(/\{[^{}]*\}/g, ''))?.[0]
}

function notePattern(pattern: string, path: TomlPath, oci: boolean, reading: TrustReading): void {
  const checked = checkTrustPattern(pattern, oci)
  if (!checked.ok)
    reading.problems.push({
      location: locate(reading, path),
      message: `${JSON.stringify(pattern)} is no component pattern: ${checked.why}`,
    })
}

function locate({ document }: TrustReading, path: TomlPath): Location {
  return document.locate(path)
}

function levelOf(entry: TomlTable): 1 | 2 | 3 | undefined {
  const level = entry['level']
  return level === 1 || level === 2 || level === 3 ? level : undefined
}

function optionalTexts(entry: TomlTable, key: string): readonly string[] | undefined {
  return entry[key] === undefined ? undefined : texts(entry[key])
}

function fromFolder(folder: string, path: string): string {
  return folder === '.' || /^(?:[A-Za-z]:)?[\\/]/.test(path) ? path : `${folder}/${path}`
}

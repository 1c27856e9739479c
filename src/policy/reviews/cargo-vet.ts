import type { ReviewExemption } from '../../model/review.js'
import type { TomlPath, TomlTable, TomlValue } from '../../syntax/toml.js'
import { isTable } from '../../syntax/toml.js'
import { dateText, table, text } from '../toml-values.js'
import { criteriaOf, oneOrMore } from './criteria-tables.js'
import type { ReviewFile, ReviewForm } from './review-file.js'

/** Which of them a file is; undefined for something else. An empty one is fine: cargo-vet writes it where nothing is imported. */
export function cargoVetForm(value: TomlTable): Exclude<ReviewForm, 'assay'> | undefined {
  const audits = table(value['audits'])
  const has = (...keys: readonly string[]): boolean => keys.some((key) => value[key] !== undefined)
  if (has('publisher', 'unpublished')) return 'imports'
  if (audits !== undefined && Object.values(audits).some(isTable)) return 'imports'
  if (has('audits', 'criteria', 'wildcard-audits', 'trusted')) return 'audits'
  if (has('cargo-vet', 'exemptions', 'imports', 'policy')) return 'config'
  return Object.keys(value).length === 0 ? 'imports' : undefined
}

/** Reads what such a file says of crates (cargo-vet, chapter "Configuration" of its book). */
export function readCargoVet(file: ReviewFile, form: Exclude<ReviewForm, 'assay'>): void {
  const { value } = file.document
  switch (form) {
    case 'audits':
      readAudits(value, [], file)
      return
    case 'imports':
      readPublications(value['publisher'], file)
      for (const [peer, audits] of Object.entries(table(value['audits']) ?? {}))
        if (isTable(audits)) readAudits(audits, ['audits', peer], file)
        else file.note(file.document.locate(['audits', peer]), `the audits of ${peer} must be tables`)
      return
    case 'config':
      eachEntry(value['exemptions'], ['exemptions'], file, (name, entry, path) => readExemption(name, entry, path, file))
  }
}

function readAudits(value: TomlTable, path: TomlPath, file: ReviewFile): void {
  eachEntry(value['audits'], [...path, 'audits'], file, (name, entry, at) => readAudit(name, entry, at, file))
  for (const key of ['wildcard-audits', 'trusted'])
    eachEntry(value[key], [...path, key], file, (name, entry, at) => readPublisher(name, entry, at, file))
}

/** Every `[[KEY.NAME]]`; what has another shape is told. */
function eachEntry(
  value: TomlValue | undefined,
  path: TomlPath,
  file: ReviewFile,
  read: (name: string, entry: TomlTable, path: TomlPath) => void,
): void {
  if (value === undefined) return
  if (!isTable(value)) {
    file.note(file.document.locate(path), `it must be written as [[${path.join('.')}.NAME]]`)
    return
  }
  for (const [name, list] of Object.entries(value)) {
    if (!Array.isArray(list)) {
      file.note(file.document.locate([...path, name]), `it must be written as [[${path.join('.')}.NAME]]`)
      continue
    }
    list.forEach((entry: TomlValue, i) => {
      const at = [...path, name, i]
      if (isTable(entry)) read(name, entry, at)
      else file.note(file.document.locate(at), `it must be a table`)
    })
  }
}

function readAudit(name: string, entry: TomlTable, path: TomlPath, file: ReviewFile): void {
  const { document, book, checks } = file
  const said = aboutCrate(name, entry, path, file)
  const kinds = ['version', 'delta', 'violation'].filter((key) => entry[key] !== undefined)
  const [kind] = kinds
  if (kinds.length !== 1 || kind === undefined) {
    file.note(document.locate(path), `an audit of ${name} must have one of version, delta and violation`)
    return
  }
  const place = document.locate([...path, kind])
  const written = text(entry[kind]) ?? ''
  if (kind === 'violation') {
    // Cargo's own `*` leaves out pre-releases; whoever rejects everything means them too.
    const range = written.trim() === '*' ? { matches: () => true } : checks.parseVersionReq(written)
    if (range === undefined) file.note(place, `${quoted(written)} is no range that Cargo understands`)
    // Of criteria that are nobody's here, an import leaves nothing to reject for.
    else if (said !== undefined && said.criteria.length > 0)
      book.addRejection({ ...said, range: written, matches: range.matches }, file)
    return
  }
  const ends = kind === 'delta' ? written.split('->').map((end) => end.trim()) : [written.trim()]
  const [first = '', second] = ends
  if (kind === 'delta' && (ends.length !== 2 || second === '')) {
    file.note(place, `${quoted(written)} is no delta; write it as "1.0.0 -> 1.0.1"`)
    return
  }
  const versions = ends.map(vetVersion)
  const odd = versions.indexOf(undefined)
  if (odd >= 0) {
    file.note(place, `${quoted(ends[odd] ?? '')} is no version of a crate; write it whole, 1.2.3 or 1.2.3@git:COMMIT`)
    return
  }
  const [from = first, to] = versions
  if (said !== undefined) book.addReview(to === undefined ? { ...said, to: from } : { ...said, from, to })
}

type AboutCrate = Omit<ReviewExemption, 'version'>

function aboutCrate(name: string, entry: TomlTable, path: TomlPath, file: ReviewFile): AboutCrate | undefined {
  // What an import gives of criteria that nobody here has mapped, it leaves empty.
  const criteria = file.form === 'imports' && isEmpty(entry['criteria']) ? [] : criteriaOf(entry, path, file)
  if (criteria === undefined) return undefined
  const who = oneOrMore(entry['who'] ?? [])
  if (who === undefined) {
    file.note(file.document.locate([...path, 'who']), 'who must be a name or a list of names')
    return undefined
  }
  return {
    ecosystem: 'cargo',
    name,
    reach: 'crates.io',
    criteria,
    who,
    notes: text(entry['notes']),
    location: file.document.locate(path),
  }
}

function isEmpty(value: TomlValue | undefined): boolean {
  return Array.isArray(value) && value.length === 0
}

function readPublisher(name: string, entry: TomlTable, path: TomlPath, file: ReviewFile): void {
  const said = aboutCrate(name, entry, path, file)
  const publisher = publisherOf(entry)
  const start = dateText(entry['start'])
  const end = dateText(entry['end'])
  if (publisher === undefined || !DATE.test(start) || !DATE.test(end)) {
    file.note(
      file.document.locate(path),
      `what trusts a publisher of ${name} must have user-id or trusted-publisher, and start and end as dates`,
    )
    return
  }
  if (said !== undefined) file.book.addPublisher({ ...said, publisher, start, end }, file)
}

function readPublications(value: TomlValue | undefined, file: ReviewFile): void {
  eachEntry(value, ['publisher'], file, (name, entry, path) => {
    const version = vetVersion(text(entry['version']) ?? '')
    const publisher = publisherOf(entry)
    const when = dateText(entry['when'])
    if (version === undefined || publisher === undefined || !DATE.test(when))
      file.note(file.document.locate(path), `a publisher of ${name} must have version, when, and user-id or trusted-publisher`)
    else file.book.addPublication(name, { version, publisher, when })
  })
}

function readExemption(name: string, entry: TomlTable, path: TomlPath, file: ReviewFile): void {
  const said = aboutCrate(name, entry, path, file)
  const version = vetVersion(text(entry['version']) ?? '')
  if (version === undefined) file.note(file.document.locate(path), `an exemption of ${name} must have a version`)
  else if (said !== undefined) file.book.addExemption({ ...said, version })
}

const DATE = /^\d{4}-\d{2}-\d{2}$/

/** A number of crates.io, or a workflow that publishes there; one can never be taken for the other. */
function publisherOf(entry: TomlTable): string | undefined {
  const user = entry['user-id']
  const workflow = text(entry['trusted-publisher'])
  if (typeof user === 'number' || typeof user === 'bigint') return `user ${user}`
  return workflow === undefined || workflow === '' ? undefined : `workflow ${workflow}`
}

const VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/

/** `1.2.3`, or `1.2.3@git:COMMIT` in one spelling; undefined for what is neither. */
function vetVersion(written: string): string | undefined {
  const at = written.indexOf('@')
  const version = (at < 0 ? written : written.slice(0, at)).trim()
  if (version.length > 200 || !VERSION.test(version)) return undefined
  if (at < 0) return version
  const [, commit] = /^\s*git:([0-9a-fA-F]{40})$/.exec(written.slice(at + 1)) ?? []
  return commit === undefined ? undefined : `${version}@git:${commit.toLowerCase()}`
}

function quoted(written: string): string {
  return JSON.stringify(written.slice(0, 100))
}

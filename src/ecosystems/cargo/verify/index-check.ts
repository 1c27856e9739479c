import type { Authority } from '../../../model/evidence.js'
import type { IndexRow } from '../index-row.js'
import type { Registry, RowsAnswer } from './registry.js'
import type { Subject } from './subject.js'

/** A row and who has it. */
export interface Stated {
  readonly registry: Registry
  readonly row: IndexRow
  /** By an old answer that nobody confirmed. */
  readonly unconfirmed: boolean
}

type Said =
  | { readonly kind: 'rows'; readonly rows: readonly IndexRow[]; readonly answer: RowsAnswer & { readonly kind: 'ok' } }
  | {
      readonly kind: 'absent' | 'silent' | 'not-asked'
      readonly why: string
      readonly at?: string | undefined
      readonly stored?: string
    }

type Missing = Exclude<Said, { kind: 'rows' }>

const CHECK = 'cargo/index-checksum'
const SHA256 = /^[0-9a-f]{64}$/

/**
 * Holds the checksums of lockfiles against the index (spec/cargo.md §6 level 2). Authorities are asked in their order until
 * one agrees; who does not have a version is only believed when nobody after it has. `unasked` says why the last of them, the
 * registry itself, is not asked. Gives who stated which row last.
 */
export async function checkAgainstAuthorities(
  name: string,
  subjects: readonly Subject[],
  authorities: readonly Registry[],
  unasked: string | undefined,
): Promise<ReadonlyMap<Subject, Stated>> {
  const stated = new Map<Subject, Stated>()
  const open = new Map(subjects.map((subject): [Subject, string[]] => [subject, []]))
  for (const [i, registry] of authorities.entries()) {
    if (open.size === 0) break
    const answer = await registry.rows(name, versionsOf(open.keys()))
    const last = i === authorities.length - 1
    for (const [subject, before] of open) {
      const said = whatIsSaid(answer, subject)
      if (said.kind === 'rows') {
        const row = judge(subject, registry, said)
        if (row === undefined) continue
        stated.set(subject, { registry, row, unconfirmed: said.answer.unconfirmed })
        if (agrees(subject, row)) open.delete(subject)
      } else if (last) sayMissing(subject, registry, believed(said, unasked), before)
      else before.push(`${registry.name}: ${said.why}`)
    }
  }
  return stated
}

/** A mirror that lacks a version may only be behind. */
function believed(said: Missing, unasked: string | undefined): Missing {
  return said.kind === 'absent' && unasked !== undefined ? { ...said, kind: 'not-asked', why: `${said.why}; ${unasked}` } : said
}

/** Holds them against what cargo downloads from instead; says what it finds in any case. */
export async function checkStead(
  name: string,
  subjects: readonly Subject[],
  registry: Registry,
): Promise<ReadonlyMap<Subject, Stated>> {
  const stated = new Map<Subject, Stated>()
  const answer = await registry.rows(name, versionsOf(subjects))
  for (const subject of subjects) {
    const said = whatIsSaid(answer, subject)
    if (said.kind !== 'rows') {
      sayMissing(subject, registry, said, [])
      continue
    }
    const row = judge(subject, registry, said)
    if (row !== undefined) stated.set(subject, { registry, row, unconfirmed: said.answer.unconfirmed })
  }
  return stated
}

function versionsOf(subjects: Iterable<Subject>): readonly string[] {
  return [...new Set([...subjects].map(({ version }) => version))]
}

function agrees({ checksums }: Subject, row: IndexRow): boolean {
  return checksums.every((checksum) => checksum === row.checksum)
}

function whatIsSaid(answer: RowsAnswer, { name, version }: Subject): Said {
  if (answer.kind !== 'ok') return answer
  const { file, doubt, at, sha256 } = answer
  const rows = file.found.get(version)
  if (rows !== undefined) return { kind: 'rows', rows, answer }
  if (file.kind === 'garbage')
    return { kind: 'silent', why: 'what it answered is no index file; a captive portal or a login page looks like this' }
  if (file.kind === 'other-name') return { kind: 'silent', why: `the index file that it answered is not that of ${name}` }
  // An answer that may be older than the version proves nothing about it.
  if (doubt !== undefined) return { kind: 'silent', why: `its answer does not have the version and may be out of date: ${doubt}` }
  return { kind: 'absent', why: `the index knows ${name} and no version ${version} that cargo would take`, at, stored: sha256 }
}

/** Says how the rows of a version compare with each lockfile; gives the row that counts. */
function judge(subject: Subject, registry: Registry, said: Said & { readonly kind: 'rows' }): IndexRow | undefined {
  const { rows, answer } = said
  const authority = registryAuthority(registry)
  const rest = { stored: answer.sha256, at: answer.at }
  const row = rows.find((one) => agrees(subject, one)) ?? rows[0]
  if (row === undefined || !rows.every(({ checksum }) => SHA256.test(checksum))) {
    const [expected] = subject.checksums
    subject.say(CHECK, 'unavailable', authority, { expected, ...rest, why: 'the checksum of its row is no SHA-256' })
    return undefined
  }
  const others = rows.filter(({ checksum }) => checksum !== row.checksum)
  if (subject.checksums.length === 0)
    subject.say(CHECK, 'not-checkable', authority, {
      ...rest,
      observed: row.checksum,
      why: 'the lockfile records no checksum to compare',
    })
  for (const expected of subject.checksums) {
    const observed = expected === row.checksum ? (others[0]?.checksum ?? row.checksum) : row.checksum
    const why = others.length > 0 ? 'the index has several rows for this version, with different checksums' : answer.doubt
    subject.say(CHECK, expected === observed ? 'match' : 'mismatch', authority, { expected, observed, ...rest, why })
  }
  return row
}

function sayMissing(subject: Subject, registry: Registry, said: Missing, before: readonly string[]): void {
  const why = [...before, said.why].join('; ')
  const { at, stored } = said
  const verdict = said.kind === 'absent' ? 'absent' : said.kind === 'silent' ? 'unavailable' : 'not-checkable'
  const [expected] = subject.checksums
  subject.say(CHECK, verdict, registryAuthority(registry), { expected, why, at, stored })
}

function registryAuthority({ name }: Registry): Authority {
  return { kind: 'registry', name }
}

/** What a row says beside its checksum: yanked, published when (spec/cargo.md §6.1, §6.7). */
export function noteRow(subject: Subject, { registry, row, unconfirmed }: Stated): void {
  if (row.yanked) subject.note('cargo/yanked', { registry: registry.name })
  else if (unconfirmed)
    subject.say('cargo/yanked', 'unavailable', registryAuthority(registry), {
      why: 'only an old answer of the registry is at hand; the version may have been yanked since',
    })
  if (row.published !== undefined) subject.note('cargo/published', { at: row.published, registry: registry.name })
}

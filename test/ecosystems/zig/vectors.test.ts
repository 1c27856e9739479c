import { describe, expect, it } from 'vitest'
import { nameChecksum } from '../../../src/ecosystems/zig/fingerprint.js'
import type { ManifestReading } from '../../../src/ecosystems/zig/manifest.js'
import { parseZigManifest } from '../../../src/ecosystems/zig/manifest.js'
import { PROBLEM_KINDS } from '../../../src/ecosystems/zig/manifest-problem.js'
import type { PackageHash } from '../../../src/ecosystems/zig/package-hash.js'
import { formatPackageHash, parsePackageHash } from '../../../src/ecosystems/zig/package-hash.js'
import { parseZon } from '../../../src/ecosystems/zig/zon.js'
import type { ZonValue } from '../../../src/ecosystems/zig/zon-value.js'
import { decodeUtf8 } from '../../../src/syntax/text.js'
import { describeShared, listShared, readSharedBytes, readSharedJson } from '../../support/shared.js'
import { readZig } from './read-zig.js'

const text = (bytes: Uint8Array): string | undefined => {
  const decoded = decodeUtf8(bytes)
  return decoded.ok ? decoded.text : undefined
}
const isRefused = ({ problems }: ManifestReading): boolean =>
  problems.some(({ code }) => PROBLEM_KINDS[code].severity === 'error')
const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`

describeShared('vectors/zig/zon-syntax.json', 'ZON texts that a real zig judged', () => {
  const { cases } = readSharedJson<Record<string, unknown> & { cases: { id: string; inputBase64: string; assay: string }[] }>(
    'vectors',
    'zig',
    'zon-syntax.json',
  )

  it('has the table it is written for', () => {
    expect(cases).toHaveLength(65)
  })

  for (const { id, inputBase64, assay } of cases) {
    it(`${id}: ${assay}`, () => {
      const source = text(Buffer.from(inputBase64, 'base64'))
      const reading = source === undefined ? undefined : parseZigManifest(source, 'build.zig.zon')
      const accepted = reading !== undefined && !isRefused(reading)
      expect(accepted ? 'accept' : 'reject').toBe(/^\w+/.exec(assay)?.[0])
      for (const [code] of assay.matchAll(/z(?:on|ig)\.[a-z.-]+/g)) expect(reading?.problems.map((p) => p.code)).toContain(code)
    })
  }
})

describeShared('vectors/zig/hash-strings.json', 'package hashes', () => {
  interface Parts {
    readonly name: string
    readonly version: string
    readonly fingerprintId: string
    readonly size: number
  }
  const { format, parse, reject } = readSharedJson<{
    format: (Parts & { digestHex: string; legacy: string; new: string; note: string })[]
    parse: (Partial<Parts> & { input: string; form: string; digestPrefixHex?: string; digestHex?: string })[]
    reject: { input: string; reason: string }[]
  }>('vectors', 'zig', 'hash-strings.json')

  const read = (input: string): PackageHash => {
    const result = parsePackageHash(input)
    if (!result.ok) throw new Error(`${input}: ${result.why}`)
    return result.hash
  }

  it('has the tables it is written for', () => {
    expect([format.length, parse.length, reject.length]).toEqual([7, 8, 18])
  })

  for (const row of format) {
    it(`writes and reads back: ${row.note}`, () => {
      const parts = { name: row.name, version: row.version, id: Number(row.fingerprintId), size: row.size }
      const digest = Buffer.from(row.digestHex, 'hex')
      expect(formatPackageHash({ ...parts, digest })).toBe(row.new)
      expect(read(row.new)).toMatchObject({ ...parts, digestPrefix: row.digestHex.slice(0, 50) })
      expect(read(row.legacy)).toEqual({ form: 'legacy', text: row.legacy, digest: row.digestHex })
    })
  }
  for (const row of parse) {
    it(`reads ${row.input}`, () => {
      const hash = read(row.input)
      expect(
        hash.form === 'legacy'
          ? { form: hash.form, digestHex: hash.digest }
          : {
              form: hash.form,
              name: hash.name,
              version: hash.version,
              fingerprintId: hex(hash.id),
              size: hash.size,
              digestPrefixHex: hash.digestPrefix,
            },
      ).toEqual({ ...row, input: undefined, source: undefined })
    })
  }

  /** What each of the table's reasons is called here. */
  const REASONS: readonly (readonly [RegExp, string])[] = [
    [/^empty$/, 'empty'],
    [/^length 8/, 'legacy-length'],
    [/^upper-case hex/, 'legacy-upper-case'],
    [/^not hex/, 'legacy-not-hex'],
    [/^sha1 multihash|^function 0x13/, 'multihash-function'],
    [/^digest length byte/, 'multihash-length'],
    [/^4[035]-character tail|^padding/, 'tail'],
    [/^standard base64/, 'alphabet'],
    [/^empty name|^name is not|^name longer|^leading space/, 'name'],
    [/^empty version|^version is not/, 'version'],
  ]
  for (const { input, reason } of reject) {
    it(`refuses ${JSON.stringify(input)}: ${reason}`, () => {
      const result = parsePackageHash(input)
      expect(result.ok ? 'read' : result.rejection).toBe(REASONS.find(([pattern]) => pattern.test(reason))?.[1])
    })
  }
})

describeShared('vectors/zig/realworld.json', 'recorded hashes of public projects', () => {
  const { rows } = readSharedJson<{ rows: { form: string; recorded: string }[] }>('vectors', 'zig', 'realworld.json')

  it('have the form that was seen', () => {
    expect(rows.length).toBe(213)
    const forms = rows.map(({ recorded }) => {
      const result = parsePackageHash(recorded)
      return result.ok ? result.hash.form : result.why
    })
    expect(forms).toEqual(rows.map(({ form }) => form))
  })
})

interface ExpectedProblem {
  readonly code: string
  readonly severity?: string
  readonly where?: string
  readonly line?: number
  readonly column?: number
  readonly rootFatalFrom?: string
  readonly fatalFrom?: string
  readonly field?: string
  readonly keys?: readonly string[]
  readonly reason?: string
}
interface Expected {
  readonly ok: boolean
  readonly manifest?: Record<string, unknown> & { dependencyKeys?: readonly string[] }
  readonly diagnostics?: readonly ExpectedProblem[]
  readonly error?: ExpectedProblem
  readonly alsoReported?: readonly ExpectedProblem[]
  readonly errors?: readonly ExpectedProblem[]
  readonly unknown?: Record<string, string>
  readonly urlParsed?: Record<string, object>
  readonly hashParsed?: Record<string, object>
  readonly expectedChecksum?: string
  readonly actualChecksum?: string
}

describeShared('vectors/zig/manifests', 'manifests', () => {
  const cases = listShared('vectors', 'zig', 'manifests')

  it('are the cases they are written for', () => {
    expect(cases).toHaveLength(15)
  })

  for (const folder of cases) {
    const expected = readSharedJson<Expected>('vectors', 'zig', 'manifests', folder, 'expected.json')
    const source = text(readSharedBytes('vectors', 'zig', 'manifests', folder, 'build.zig.zon')) ?? ''
    describe(folder, () => {
      const reading = parseZigManifest(source, 'build.zig.zon')

      it(`is ${expected.ok ? 'accepted' : 'refused'}`, () => {
        expect(!isRefused(reading)).toBe(expected.ok)
      })
      if (expected.ok) {
        it('holds what was expected', () => {
          expect(manifestView(reading)).toMatchObject(withoutNote(expected.manifest ?? {}))
        })
        it('has the problems that were expected and no others', async () => {
          expect(await problemView(source, reading)).toEqual(expectedProblems(expected).sort(byText))
        })
      } else {
        it('has the errors that were expected, where they were expected, and no others', () => {
          const wanted = [
            ...(expected.error === undefined ? [] : [expected.error]),
            ...(expected.alsoReported ?? []),
            ...(expected.errors ?? []),
          ]
          const errors = reading.problems.filter((p) => PROBLEM_KINDS[p.code].severity === 'error')
          expect(errors.map((p) => p.code).sort()).toEqual(wanted.map((p) => p.code).sort())
          for (const { code, line, column, where, field } of wanted) {
            const found = errors.find(
              (p) =>
                p.code === code && (where === undefined || p.where === where) && (line === undefined || p.location.line === line),
            )
            expect(found, `${code} ${where ?? ''} ${line ?? ''}`).toBeDefined()
            if (column !== undefined) expect(found?.location).toMatchObject({ line, column })
            if (field !== undefined) expect(found?.message).toContain(`'${field}'`)
          }
        })
      }
      if (expected.expectedChecksum !== undefined) {
        it('has the checksums that were computed', () => {
          expect({
            expectedChecksum: hex(nameChecksum(reading.manifest?.name ?? '')),
            actualChecksum: hex(reading.manifest?.fingerprint?.parts.checksum ?? 0),
          }).toEqual({ expectedChecksum: expected.expectedChecksum, actualChecksum: expected.actualChecksum })
        })
      }
      if (expected.urlParsed !== undefined)
        it('has its URLs taken apart', () => expect(urlView(reading)).toEqual(expected.urlParsed))
      if (expected.hashParsed !== undefined)
        it('has its hashes taken apart', () => expect(hashView(reading)).toEqual(expected.hashParsed))
      if (expected.unknown !== undefined) {
        it('has the values of unknown fields', () => {
          const { value } = parseZon(source)
          expect(Object.fromEntries(Object.keys(expected.unknown ?? {}).map((path) => [path, show(at(value, path))]))).toEqual(
            expected.unknown,
          )
        })
      }
    })
  }
})

/** A parsed manifest in the words of `expected.json`. */
function manifestView({ manifest }: ManifestReading): object {
  if (manifest === undefined) return {}
  return {
    name: manifest.name,
    nameForm: manifest.nameForm,
    version: manifest.version,
    fingerprint: manifest.fingerprint === undefined ? null : `0x${manifest.fingerprint.value.toString(16)}`,
    fingerprintId: manifest.fingerprint === undefined ? undefined : hex(manifest.fingerprint.parts.id),
    minimumZigVersion: manifest.minimumZigVersion ?? null,
    paths: manifest.paths ?? null,
    effectivePaths: manifest.effectivePaths,
    dependencyKeys: manifest.dependencies.map(({ key }) => key),
    dependencies: manifest.dependencies.map(({ key, lazy, from }) => {
      if (from.kind === 'path') return { key, path: from.path, hash: null, hashForm: null, lazy }
      const hash = from.hash
      return {
        key,
        url: from.reading.url.url,
        hash: hash?.text ?? null,
        hashForm: hash?.result.ok === true ? hash.result.hash.form : null,
        lazy,
      }
    }),
  }
}

function withoutNote({ note: _note, ...rest }: Record<string, unknown>): Record<string, unknown> {
  return rest
}

/**
 * Problems of the manifest with what only the graph shows: several URLs of one hash, and for every path inside the package
 * whether its folder is there. The vectors hold no folders; all but the one called `does/not/exist` are made.
 */
async function problemView(source: string, reading: ManifestReading): Promise<object[]> {
  const files: Record<string, string> = { 'build.zig.zon': source }
  const paths = (reading.manifest?.dependencies ?? []).flatMap(({ key, from }) => (from.kind === 'path' ? [{ key, from }] : []))
  for (const { from } of paths)
    if (!from.path.includes('not/exist')) files[`${from.path.replaceAll('\\', '/').replace('./', '')}/build.zig`] = ''
  const inventory = await readZig(files)
  const found: object[] = reading.problems.map(({ code, where }) => {
    const { severity, refusedFrom } = PROBLEM_KINDS[code]
    return { code, severity, where, ...(refusedFrom === undefined ? {} : { refusedFrom }) }
  })
  for (const fact of inventory.facts.filter(({ kind }) => kind === 'zig/url-duplicate'))
    found.push({ code: 'zig.dep.same-hash-different-url', where: 'dependencies', keys: fact.data['keys'] })
  for (const { key, from } of paths) {
    if (from.hashLocation !== undefined) continue
    const target = inventory.components.find(({ occurrences }) =>
      occurrences.some(({ location }) => location.line === from.location.line),
    )
    if (target?.source.kind !== 'path' || target.source.outside) continue
    found.push({
      code: target.edges.state === 'complete' ? 'zig.dep.path-unhashed' : 'zig.dep.path-missing',
      where: `dependencies.${key}`,
    })
  }
  return found.sort(byText)
}

/** The same shape from `expected.json`; one row there stands for one problem of every dependency with a hash. */
function expectedProblems(expected: Expected): object[] {
  const graphOnly = ['zig.dep.same-hash-different-url', 'zig.dep.path-unhashed', 'zig.dep.path-missing']
  return (expected.diagnostics ?? []).flatMap(({ code, severity, where, rootFatalFrom, fatalFrom, keys }): object[] => {
    const refusedFrom = rootFatalFrom ?? fatalFrom
    const row = {
      code,
      ...(graphOnly.includes(code) ? {} : { severity }),
      where,
      ...(refusedFrom === undefined ? {} : { refusedFrom }),
    }
    if (where !== 'dependencies.*') return [keys === undefined ? row : { ...row, keys }]
    const hashed = expected.manifest?.dependencyKeys?.filter((key) => key !== 'nohash') ?? []
    return hashed.map((key) => ({ ...row, where: `dependencies.${key}` }))
  })
}

function urlView({ manifest }: ManifestReading): object {
  return Object.fromEntries(
    (manifest?.dependencies ?? []).flatMap(({ key, from }) => {
      if (from.kind !== 'url' || from.reading.url.kind !== 'git') return []
      const { kind, transport, host, path, label, commit } = from.reading.url
      return [[key, { kind, transport, host, path, refLabel: label, commit, pinned: commit !== undefined }]]
    }),
  )
}

function hashView({ manifest }: ManifestReading): object {
  return Object.fromEntries(
    (manifest?.dependencies ?? []).flatMap(({ key, from }) => {
      if (from.kind !== 'url' || from.hash?.result.ok !== true || from.hash.result.hash.form === 'legacy') return []
      const { name, version, id, size } = from.hash.result.hash
      return [[key, { name, version, id: hex(id), size }]]
    }),
  )
}

function at(value: ZonValue | undefined, path: string): ZonValue | undefined {
  let found = value
  for (const name of path.split('.'))
    found = found?.kind === 'object' ? found.fields.find((f) => f.name.text === name)?.value : undefined
  return found
}

/** A value as the vectors write it. */
function show(value: ZonValue | undefined): string {
  switch (value?.kind) {
    case 'string':
      return value.text
    case 'char':
      return `${value.codePoint} (code point)`
    case 'integer':
      return `${value.value}${value.value > Number.MAX_SAFE_INTEGER ? ' (bigint)' : ''}`
    case 'float':
      return String(value.value)
    case 'enum':
      return `enum literal ${value.name}`
    default:
      return value?.kind ?? 'absent'
  }
}

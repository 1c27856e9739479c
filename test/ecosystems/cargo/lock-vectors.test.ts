import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseCargoLock } from '../../../src/ecosystems/cargo/lock.js'
import type { LockFlag, LockPackage } from '../../../src/ecosystems/cargo/lock-model.js'
import { packagePurl } from '../../../src/ecosystems/cargo/purl.js'
import { decodeUtf8 } from '../../../src/syntax/text.js'
import { describeShared, listShared, readSharedBytes, readSharedJson, sharedPath } from '../../support/shared.js'

interface ExpectedComponent {
  readonly ref: string
}
interface Expected {
  readonly lockfile?: string
  readonly lockVersion?: { readonly declared: number | null; readonly effective: number }
  readonly components?: readonly ExpectedComponent[]
  readonly edges?: readonly (readonly [string, string])[]
  readonly patchUnused?: readonly object[]
  readonly flags?: readonly { readonly code: string }[]
  readonly extraFlags?: readonly { readonly code: string }[]
  readonly componentCount?: number
  readonly edgeCount?: number
  readonly error?: { readonly code: string; readonly line?: number }
}

const refOf = (p: LockPackage): string => `${p.name} ${p.version} ${p.rawSource ?? '-'}`

/** Our reading of one package in the words of `expected.json`. */
function component(p: LockPackage): object {
  const { source } = p
  const registry = source?.kind === 'registry' || source?.kind === 'sparse'
  return {
    ref: refOf(p),
    name: p.name,
    version: p.version,
    source: p.rawSource ?? null,
    sourceKind: source?.kind ?? 'path',
    ...(registry ? { registryUrl: source.url } : {}),
    ...(source?.kind === 'git'
      ? {
          git: {
            url: source.url,
            ref: { kind: source.ref?.kind, value: source.ref?.value ?? null },
            commit: source.commit ?? null,
          },
        }
      : {}),
    checksum: p.checksum === undefined ? null : { algorithm: 'SHA-256', value: p.checksum.text },
    purl: packagePurl(p) ?? null,
    ...(p.replacedBy === undefined ? {} : { replacedBy: refOf(p.replacedBy) }),
  }
}

function flag(f: LockFlag): object {
  return {
    code: f.code,
    ...(f.package === undefined ? {} : { ref: refOf(f.package) }),
    ...(f.names === undefined ? {} : { names: f.names }),
    ...(f.dependency === undefined ? {} : { dependency: f.dependency }),
  }
}

const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)

/** The flag that needs the manifests beside the lock; tested with the workspace. */
const NEEDS_MANIFEST = 'manifest-package-missing'

async function check(bytes: Uint8Array, expected: Expected): Promise<void> {
  const decoded = decodeUtf8(bytes)
  const result = decoded.ok ? await parseCargoLock(decoded.text, 'Cargo.lock') : undefined
  if (expected.error !== undefined) {
    expect(result === undefined ? 'not-utf8' : result.ok ? 'parsed' : result.code).toBe(expected.error.code)
    if (expected.error.line !== undefined && result?.ok === false)
      expect(result.diagnostic.location.line).toBe(expected.error.line)
    return
  }
  if (result?.ok !== true) throw new Error(`refused: ${result?.diagnostic.message ?? 'not UTF-8'}`)
  const { lock } = result
  const edges = lock.packages.flatMap((p) => p.dependencies.map(({ target }) => [refOf(p), refOf(target)]))
  if (expected.lockVersion !== undefined)
    expect({ declared: lock.declaredVersion ?? null, effective: lock.format }).toEqual(expected.lockVersion)
  if (expected.components !== undefined)
    expect(lock.packages.map(component).sort(byText)).toEqual([...expected.components].sort(byText))
  if (expected.edges !== undefined) expect(edges.sort(byText)).toEqual([...expected.edges].sort(byText))
  if (expected.componentCount !== undefined) expect(lock.packages).toHaveLength(expected.componentCount)
  if (expected.edgeCount !== undefined) expect(edges).toHaveLength(expected.edgeCount)
  if (expected.patchUnused !== undefined) {
    expect(lock.patchUnused.map(({ name, version, source }) => ({ name, version, source: source ?? null })).sort(byText)).toEqual(
      [...expected.patchUnused].sort(byText),
    )
  }
  const wanted = [...(expected.flags ?? []), ...(expected.extraFlags ?? [])].filter((f) => f.code !== NEEDS_MANIFEST)
  expect(lock.flags.map(flag).sort(byText)).toEqual(wanted.sort(byText))
}

describeShared('vectors/cargo/cases', 'lockfiles of the Cargo cases', () => {
  for (const folder of listShared('vectors', 'cargo', 'cases')) {
    if (!existsSync(sharedPath('vectors', 'cargo', 'cases', folder, 'expected.json'))) continue
    const expected = readSharedJson<Expected & { files?: Record<string, Expected> }>(
      'vectors',
      'cargo',
      'cases',
      folder,
      'expected.json',
    )
    const files = Object.entries(expected.files ?? { [expected.lockfile ?? 'Cargo.lock']: expected })
    describe(folder, () => {
      for (const [file, wanted] of files) {
        const present = existsSync(sharedPath('vectors', 'cargo', 'cases', folder, file))
        it.skipIf(!present)(file, () => check(readSharedBytes('vectors', 'cargo', 'cases', folder, file), wanted))
      }
    })
  }
})

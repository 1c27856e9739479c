import { expect, it } from 'vitest'
import { parseManifest } from '../../../src/ecosystems/nimble/manifest.js'
import type { Command, Hook, Manifest, ManifestFlag, ManifestRequirement } from '../../../src/ecosystems/nimble/manifest-model.js'
import type { VersionRange } from '../../../src/ecosystems/nimble/version.js'
import { expandRange } from '../../../src/ecosystems/nimble/version.js'
import { describeShared, listShared, readSharedBytes, readSharedJson } from '../../support/shared.js'

interface Expected {
  readonly format: string
  readonly certainty: string
  readonly metadata: Readonly<Record<string, unknown>>
  readonly requires: readonly object[]
  readonly conditionalRequires?: readonly object[]
  readonly taskRequires?: Readonly<Record<string, readonly object[]>>
  readonly features?: Readonly<Record<string, readonly object[]>>
  readonly hooks?: readonly object[]
  readonly tasks?: readonly string[]
  readonly diagnostics: readonly string[]
}

function range(r: VersionRange): unknown {
  switch (r.kind) {
    case 'any':
      return 'any'
    case 'special':
      return { special: r.ref }
    case 'and':
      return { and: [range(r.left), range(r.right)] }
    case 'compare':
      return { op: r.operator, version: r.version }
    default:
      return { op: r.kind === 'caret' ? '^=' : '~=', version: r.version }
  }
}

/** One requirement in the words of `expected.json`. */
function requirement({ requirement: r, condition }: ManifestRequirement): object {
  const bounds = r.range.kind === 'caret' || r.range.kind === 'tilde' ? expandRange(r.range.kind, r.range.version) : undefined
  return {
    name: r.name,
    range: range(r.range),
    ...(bounds === undefined ? {} : { expandsTo: `>= ${bounds.lower} & < ${bounds.below}` }),
    ...(r.target === 'toolchain' ? { toolchain: true } : {}),
    ...(r.target === 'url' ? { url: true } : {}),
    ...(r.features.length > 0 ? { features: r.features } : {}),
    ...(r.suspicion === undefined ? {} : { suspicious: true }),
    ...(condition === undefined ? {} : { condition }),
  }
}

function metadata(manifest: Manifest, name: string): unknown {
  if (name === 'name') return manifest.name
  if (name === 'declaredName') return manifest.fields.get('packageName')?.text
  return manifest.lists.get(name)?.map((f) => f.text) ?? manifest.fields.get(name)?.text ?? null
}

const REQUIRES_FLAGS: ReadonlyMap<ManifestFlag['code'], string> = new Map([
  ['requires-syntax', 'nim.requires.syntax'],
  ['suspicious-name', 'nim.requires.suspicious-name'],
  ['mutable-ref', 'nim.requires.mutable-ref'],
  ['symbolic-ref', 'nim.requires.symbolic-ref'],
  ['short-or-symbolic-ref', 'nim.requires.short-or-symbolic-ref'],
  ['feature-needs-new-nimble', 'nim.requires.feature-needs-new-nimble'],
  ['duplicate-requirement', 'nim.requires.duplicate'],
])

function flag({ code, detail }: ManifestFlag): string {
  return `${REQUIRES_FLAGS.get(code) ?? `nim.manifest.${code}`} ${detail}`.trim()
}

function command(c: Command): string[] {
  if (c.does !== 'executes' || (c.moment !== 'parse' && c.moment !== 'never')) return []
  return [`nim.manifest.${c.moment === 'parse' ? 'exec-at-parse' : 'exec-in-proc'} ${c.name} line ${c.location.line}`]
}

function hook(h: Hook): string[] {
  return h.action === 'install' ? [`nim.manifest.install-hook ${h.when} ${h.action}`] : []
}

/** Remarks in brackets are for people, but for the number of arguments. */
const withoutRemark = (text: string): string => (/\d arguments?\)$/.test(text) ? text : text.replace(/ \(.*\)$/, ''))

function diagnostics(manifest: Manifest): string[] {
  const flags = manifest.flags.filter((f) => f.code !== 'conditional-requires').map(flag)
  const conditional = manifest.flags.length - flags.length
  if (conditional > 0) flags.push(`nim.manifest.conditional-requires x${conditional}`)
  return [...flags, ...manifest.commands.flatMap(command), ...manifest.hooks.flatMap(hook)].sort()
}

function grouped(
  list: readonly ManifestRequirement[],
  key: (r: ManifestRequirement) => string | undefined,
): Record<string, object[]> {
  const groups: Record<string, object[]> = {}
  for (const one of list) {
    const name = key(one)
    if (name !== undefined) groups[name] = [...(groups[name] ?? []), requirement(one)]
  }
  return groups
}

describeShared('vectors/nimble/manifests', 'manifests, each printed by two real nimbles', () => {
  const folders = listShared('vectors', 'nimble', 'manifests')
  it('are all there', () => expect(folders).toHaveLength(13))

  it.each(folders)('%s', (folder) => {
    const expected = readSharedJson<Expected>('vectors', 'nimble', 'manifests', folder, 'expected.json')
    const path = `p${folder}.nimble`
    const manifest = parseManifest(
      new TextDecoder().decode(readSharedBytes('vectors', 'nimble', 'manifests', folder, path)),
      path,
    )
    const plain = manifest.requires.filter((r) => r.task === undefined && r.feature === undefined)
    expect({ format: manifest.format, certainty: manifest.certainty }).toEqual({
      format: expected.format,
      certainty: expected.certainty,
    })
    expect(Object.fromEntries(Object.keys(expected.metadata).map((name) => [name, metadata(manifest, name)]))).toEqual(
      expected.metadata,
    )
    expect(plain.filter((r) => r.condition === undefined).map(requirement)).toEqual(expected.requires)
    expect(plain.filter((r) => r.condition !== undefined).map(requirement)).toEqual(expected.conditionalRequires ?? [])
    expect(grouped(manifest.requires, (r) => r.task)).toEqual(expected.taskRequires ?? {})
    expect(grouped(manifest.requires, (r) => r.feature)).toEqual(expected.features ?? {})
    expect(manifest.hooks.map((h) => ({ when: h.when, action: h.action, exec: h.executes }))).toEqual(expected.hooks ?? [])
    expect(manifest.tasks.map((t) => t.text)).toEqual(expected.tasks ?? [])
    expect(diagnostics(manifest)).toEqual(expected.diagnostics.map(withoutRemark).sort())
    expect(manifest.diagnostics).toEqual([])
  })
})

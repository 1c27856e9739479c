import type { Held, MirrorFile, MirrorInput, MirrorItem, MirrorOutcome, MirrorPlan } from '../../mirror.js'
import { isPseudoVersion } from '../pseudo-version.js'
import { goModHash } from '../verify/dirhash.js'
import { GoSources } from '../verify/go-sources.js'
import { MAX_MOD_BYTES } from '../verify/mod-document.js'
import { ModuleProxies, type ProxyAnswer } from '../verify/module-proxies.js'
import { readModuleZip } from '../verify/module-zip.js'
import { fetchModuleZip } from '../verify/zip-inspection.js'
import { compareVersions } from '../version.js'
import { databasePart } from './database-part.js'
import { modulePath, versionInfo, versionPath } from './layout.js'
import { type PinnedModule, pinnedModules, pinnedOf, withoutHash } from './pinned-modules.js'

/** A store in the form of a proxy's files (spec/go.md §8.1): everything that go.sum names, each file with its hash there. */
export async function planGo(input: MirrorInput): Promise<MirrorPlan> {
  const modules = await pinnedModules(input.tree, input.files)
  const sources = new GoSources(input.environment, input.sources)
  const store = new ModuleStore(new ModuleProxies(input.desk, sources))
  const database = databasePart(input, sources, modules)
  const items: readonly MirrorItem[] = [
    ...modules.map((module) => ({ pinned: pinnedOf(module), fetch: (held: Held) => store.fetch(module, held) })),
    ...withoutHash(input.components, modules).map(
      ({ name, version }): MirrorItem => ({
        pinned: { ecosystem: 'go', name, version },
        fetch: async () => ({ kind: 'not-covered', why: 'go.sum states no hash of it; run go mod tidy' }),
      }),
    ),
    ...(database === undefined ? [] : [database]),
  ]
  return {
    items,
    finish: (stored) => {
      const there = new Set(stored.map(({ name, version }) => `${name}@${version ?? ''}`))
      const own = database !== undefined && stored.some(({ name }) => name === database.pinned.name)
      return {
        files: versionLists(modules.filter((module) => there.has(`${module.path}@${pinnedOf(module).version ?? ''}`))),
        guide: {
          title: 'Go',
          lines: [
            'export GOPROXY=file://DIR/go/cache/download GONOPROXY=none GOTOOLCHAIN=local GOFLAGS=-mod=readonly',
            own
              ? 'The checksum database is answered from the store too; where go.sum has every line it is not asked.'
              : 'export GOSUMDB=off   (go.sum has the hashes; nothing of the checksum database is in the store)',
            'go build ./...',
          ],
        },
      }
    },
  }
}

/** The versions that can be had, for `go list -m -versions`; pseudo-versions are not listed. */
function versionLists(modules: readonly PinnedModule[]): readonly MirrorFile[] {
  const byPath = new Map<string, string[]>()
  for (const { path, version, zip } of modules) {
    const versions = byPath.get(path) ?? []
    byPath.set(path, versions)
    if (zip.size > 0 && !isPseudoVersion(version)) versions.push(version)
  }
  return [...byPath].flatMap(([path, versions]) => {
    const folder = modulePath(path)
    const text = versions.sort(compareVersions).map((version) => `${version}\n`)
    return folder === undefined ? [] : [{ path: `${folder}/list`, bytes: Buffer.from(text.join('')) }]
  })
}

type Got = { readonly bytes: Uint8Array } | Exclude<MirrorOutcome, { kind: 'verified' }>

class ModuleStore {
  constructor(readonly proxies: ModuleProxies) {}

  async fetch(module: PinnedModule, held: Held): Promise<MirrorOutcome> {
    const base = versionPath(module.path, module.version)
    if (base === undefined) return { kind: 'not-covered', why: 'no proxy can hold a module of this name and version' }
    for (const stated of [module.mod, module.zip])
      if (stated.size > 1) {
        const [expected, observed] = [...stated]
        return { kind: 'refused', source: 'go.sum', expected, observed, why: 'two lines state two hashes' }
      }
    const [modHash] = module.mod
    const mod = modHash === undefined ? undefined : await this.#mod(module, modHash, await held(`${base}.mod`))
    if (mod === undefined) return { kind: 'not-covered', why: 'go.sum states no hash of its go.mod' }
    if ('kind' in mod) return mod
    const files: MirrorFile[] = [
      { path: `${base}.mod`, bytes: mod.bytes },
      { path: `${base}.info`, bytes: versionInfo(module.version) },
    ]
    const [zipHash] = module.zip
    if (zipHash === undefined) return { kind: 'verified', files, verified: `go.sum /go.mod ${modHash ?? ''}` }
    const zip = await this.#zip(module, zipHash, await held(`${base}.zip`))
    if ('kind' in zip) return zip
    return {
      kind: 'verified',
      files: [...files, { path: `${base}.zip`, bytes: zip.bytes }],
      verified: `go.sum ${zipHash}, /go.mod ${modHash ?? ''}`,
    }
  }

  async #mod({ path, version }: PinnedModule, expected: string, held: Uint8Array | undefined): Promise<Got> {
    const accepts = (bytes: Uint8Array): boolean => goModHash(bytes).value === expected
    if (held !== undefined && accepts(held)) return { bytes: held }
    const asked = await this.proxies.ask(path, { version, kind: 'mod' }, { keep: 'for-ever', limitBytes: MAX_MOD_BYTES, accepts })
    if (asked.kind === 'none') return unavailable(asked)
    const { bytes } = asked.answer
    const observed = goModHash(bytes).value
    if (observed === expected) return { bytes }
    return { kind: 'refused', source: asked.url, expected, observed, why: 'its go.mod is another than go.sum states' }
  }

  async #zip(module: PinnedModule, expected: string, held: Uint8Array | undefined): Promise<Got> {
    if (held !== undefined) {
      const result = readModuleZip(held, module.path, module.version)
      if (result.ok && result.zip.h1.value === expected) return { bytes: held }
    }
    const fetched = await fetchModuleZip(this.proxies, module, [expected])
    if (fetched.kind === 'none') return unavailable(fetched)
    const { result, url: source, bytes, sha256 } = fetched
    if (!result.ok) {
      const why = `it is no module zip that the go command takes: ${result.problems[0]?.why ?? ''}`
      return { kind: 'refused', source, expected, observed: `SHA-256 ${sha256}`, why }
    }
    const observed = result.zip.h1.value
    if (observed === expected) return { bytes }
    return { kind: 'refused', source, expected, observed, why: 'its zip holds other files than go.sum states' }
  }
}

function unavailable({ why, authority }: Pick<ProxyAnswer & { readonly kind: 'none' }, 'why' | 'authority'>): Got {
  return { kind: 'unavailable', source: authority?.name, why }
}

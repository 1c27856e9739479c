import { displayUrl } from '../../../evidence/http/redact.js'
import type { CompareInput, Comparison } from '../../mirror.js'
import { namedMirror } from '../../named-mirror.js'
import { Turns } from '../../turns.js'
import { goModHash } from '../verify/dirhash.js'
import { GoSources } from '../verify/go-sources.js'
import { parseVersionList } from '../verify/latest-version.js'
import { MAX_MOD_BYTES } from '../verify/mod-document.js'
import { ModuleProxies, type ProxyAnswer } from '../verify/module-proxies.js'
import { MAX_INFO_BYTES, parseVersionInfo, type VersionInfo } from '../verify/version-info.js'
import { fetchModuleZip } from '../verify/zip-inspection.js'
import { compareVersions } from '../version.js'
import { type PinnedModule, pinnedModules, pinnedOf, withoutHash } from './pinned-modules.js'

type Said = Omit<Comparison, 'pinned' | 'source'>

/** Modules looked at at a time; each may have a zip in memory. */
const AT_ONCE = 8
const MAX_LIST_BYTES = 16 * 1024 * 1024

/** Holds every line of go.sum against each proxy (spec/go.md §8.1): the go.mod, with `bytes` the zip, and what is said of the version. */
export async function* compareGo(input: CompareInput): AsyncGenerator<Comparison> {
  const modules = await pinnedModules(input.tree, input.files)
  const proxies = input.mirrors.map(({ url }) => ({ source: displayUrl(url).replace(/\/$/, ''), at: proxyAt(url, input) }))
  const turns = new Turns(AT_ONCE)
  const asked = modules.map((module) =>
    turns.take(async () => {
      const found: Comparison[] = []
      let first: { readonly info: VersionInfo; readonly source: string } | undefined
      for (const { source, at } of proxies) {
        const { said, info } = await compareAt(at, module, input.bytes)
        const split = said.kind === 'same' && info !== undefined && first !== undefined ? disagreement(info, first) : undefined
        found.push({ pinned: pinnedOf(module), source, ...(split ?? said) })
        if (info !== undefined) first ??= { info, source }
      }
      return found
    }),
  )
  // Whatever is thrown belongs to whoever asks for the next piece.
  for (const one of asked) one.catch(() => undefined)
  for (const one of asked) yield* await one
  for (const { name, version } of withoutHash(input.components, modules))
    for (const { source } of proxies)
      yield { kind: 'not-comparable', pinned: { ecosystem: 'go', name, version }, source, why: 'go.sum states no hash of it' }
}

/** One proxy and nobody else. */
function proxyAt(url: string, { desk, environment, sources }: CompareInput): ModuleProxies {
  const settings = new Map([...environment].filter(([name]) => name === 'GOPRIVATE' || name === 'GONOPROXY'))
  const alone = {
    ...namedMirror(sources, url),
    // They stay what may be asked, and stand in for nobody.
    mirrors: sources.mirrors.map((mirror) => ({ url: mirror.url, of: '' })),
  }
  return new ModuleProxies(desk, new GoSources(settings.set('GOPROXY', url).set('GOSUMDB', 'off'), alone))
}

async function compareAt(
  proxy: ModuleProxies,
  module: PinnedModule,
  bytes: boolean,
): Promise<{ readonly said: Said; readonly info?: VersionInfo | undefined }> {
  const { path, version } = module
  const mod = await proxy.ask(
    path,
    { version, kind: 'mod' },
    {
      ...{ keep: 'for-ever', limitBytes: MAX_MOD_BYTES },
      accepts: (body) => module.mod.size === 0 || module.mod.has(goModHash(body).value),
    },
  )
  if (mod.kind === 'none') return { said: await noAnswer(proxy, module, mod) }
  const modHash = goModHash(mod.answer.bytes).value
  if (module.mod.size > 0 && !module.mod.has(modHash))
    return {
      said: { kind: 'different', expected: one(module.mod), observed: modHash, why: 'its go.mod is another than go.sum states' },
    }
  if (bytes && module.zip.size > 0) {
    const zip = await fetchModuleZip(proxy, module, [...module.zip])
    if (zip.kind === 'none') return { said: await noAnswer(proxy, module, zip) }
    const expected = one(module.zip)
    if (!zip.result.ok)
      return {
        said: {
          kind: 'different',
          expected,
          observed: zip.sha256,
          why: `its zip is none that the go command takes: ${zip.result.problems[0]?.why ?? ''}`,
        },
      }
    const observed = zip.result.zip.h1.value
    if (!module.zip.has(observed))
      return { said: { kind: 'different', expected, observed, why: 'its zip holds other files than go.sum states' } }
  }
  const info = await proxy.ask(path, { version, kind: 'info' }, { keep: 'day', limitBytes: MAX_INFO_BYTES })
  const parsed = info.kind === 'ok' ? parseVersionInfo(info.answer.bytes) : undefined
  const hash = one(module.zip) ?? one(module.mod)
  return { said: { kind: 'same', expected: hash, observed: hash }, info: parsed?.ok === true ? parsed.info : undefined }
}

function one(hashes: ReadonlySet<string>): string | undefined {
  return [...hashes][0]
}

/** What two proxies say of a version; nobody vouches for it, so that only a contradiction counts. */
function disagreement(info: VersionInfo, first: { readonly info: VersionInfo; readonly source: string }): Said | undefined {
  const [a, b] = [first.info, info]
  if (
    a.origin !== undefined &&
    b.origin !== undefined &&
    a.origin.hash !== '' &&
    b.origin.hash !== '' &&
    a.origin.hash !== b.origin.hash
  )
    return {
      kind: 'different',
      expected: a.origin.hash,
      observed: b.origin.hash,
      why: `${first.source} took it from another commit`,
    }
  if (a.time !== undefined && b.time !== undefined && a.time !== b.time)
    return { kind: 'different', expected: a.time, observed: b.time, why: `${first.source} states another time for it` }
  return undefined
}

async function noAnswer(
  proxy: ModuleProxies,
  module: PinnedModule,
  none: ProxyAnswer & { readonly kind: 'none' },
): Promise<Said> {
  const { verdict, why } = none
  if (verdict === 'unavailable') return { kind: 'unavailable', why }
  if (verdict === 'not-checkable') return { kind: 'not-comparable', why }
  const listed = await proxy.ask(module.path, 'list', { keep: 'day', limitBytes: MAX_LIST_BYTES })
  const newest = listed.kind === 'ok' ? parseVersionList(listed.answer.bytes, module.path).at(-1)?.version : undefined
  return newest === undefined || compareVersions(newest, module.version) >= 0
    ? { kind: 'missing', why }
    : { kind: 'lagging', observed: newest, why: `the newest version it lists is ${newest}` }
}

import { isCratesIo } from '../../../model/endpoints.js'
import type { Settings } from '../../../model/rule.js'
import type { Source } from '../../../model/source.js'
import { folderOf, resolvePath } from '../../../model/tree.js'
import type { SupplyInput } from '../../verifier.js'
import { reasonNotToAsk } from '../../whom-to-ask.js'
import type { ConfigFile, SourceDefinition } from '../config.js'
import { followReplacement } from '../config.js'
import { isPublicRegistry, normaliseUrl } from '../source-string.js'
import type { ConfigAt } from './configured.js'
import { configAt, readConfigFiles } from './configured.js'
import type { Place } from './place.js'
import { isPublicPlace, isSamePlace, mirrorPlace, PUBLIC_PLACE, placeName, registryPlace, sourcePlace } from './place.js'
import { privateNames } from './private-names.js'

type RegistrySource = Source & { readonly kind: 'registry' }

/** Whom to ask about a crate. */
export interface Plan {
  /** In this order, until one knows it: the mirrors that the configuration of assay declares, then the registry itself. */
  readonly authorities: readonly Place[]
  /** Where cargo downloads from instead, by its own configuration; asked beside the others, since it serves what is built. */
  readonly stead: Place | undefined
  /** The vendor folder that takes the registry's place; `outside` when it is no part of the tree. */
  readonly vendor: { readonly folder: string } | 'outside' | undefined
  /** Why the registry itself is not asked. */
  readonly unasked: string | undefined
  /** Why what cargo downloads from is not asked. */
  readonly unaskedStead: string | undefined
  /** Equal keys mean equal plans. */
  readonly key: string
}

/** Opens what tells where crates come from: cargo's configuration in the tree, the environment, the declared mirrors. */
export async function openWhereabouts(input: Omit<SupplyInput, 'desk' | 'git'>): Promise<Whereabouts> {
  return new Whereabouts(await readConfigFiles(input.tree, input.files), input.environment, input.sources)
}

export class Whereabouts {
  readonly #configs = new Map<string, ConfigAt>()
  readonly #plans = new Map<string, Plan>()
  readonly #isPrivate: (name: string) => boolean
  /** The sources as they are for names that are not private; mirrors by their plain URLs. */
  readonly #open: Settings['sources']

  constructor(
    readonly files: readonly ConfigFile[],
    readonly environment: ReadonlyMap<string, string>,
    readonly sources: Settings['sources'],
  ) {
    this.#isPrivate = privateNames(sources.internal)
    const mirrors = sources.mirrors.map(({ url, of }) => ({ url: url.replace(/^sparse\+/, ''), of }))
    this.#open = { ...sources, mirrors, internal: [] }
  }

  /** The plan for a crate of a registry, as seen from a project's folder. Of a name only counts whether it is private. */
  registry(source: RegistrySource, folder: string, name: string): Plan {
    const isPrivate = this.#isPrivate(name)
    const key = JSON.stringify([source.protocol, source.url, folder, isPrivate])
    const known = this.#plans.get(key) ?? this.#plan(source, this.#configAt(folder), isPrivate)
    this.#plans.set(key, known)
    return known
  }

  #plan(source: RegistrySource, config: ConfigAt, isPrivate: boolean): Plan {
    const own = this.#itself(source, config)
    const start = replacedRegistry(source, config)
    const end = start === undefined ? undefined : this.#end(start, config)
    const mirrors = this.#mirrors(source, config).filter((place) => this.#reasonNotToAsk(place, isPrivate) === undefined)
    // A private name goes where cargo itself sends it in every build, but never to the public registry.
    const unasked = this.#reasonNotToAsk(own, isPrivate && isPublicPlace(own))
    const unaskedStead =
      end?.place === undefined ? undefined : this.#reasonNotToAsk(end.place, isPrivate && isPublicPlace(end.place))
    return plan({
      authorities: unasked === undefined ? [...mirrors, own] : mirrors,
      stead: unaskedStead === undefined ? end?.place : undefined,
      vendor: end?.vendor,
      unasked,
      unaskedStead,
    })
  }

  /**
   * Why a place is not asked. With a private name only the owner's own hosts are: a mirror of the public registry may be
   * public too, or pass on what it is asked for.
   */
  #reasonNotToAsk(place: Place, withPrivateName: boolean): string | undefined {
    if (place.kind === 'local' || place.url.startsWith('file:')) return undefined
    const sources = withPrivateName ? { ...this.sources, mirrors: [], internal: ['cargo:**'] } : this.#open
    return reasonNotToAsk({ ecosystem: 'cargo', names: withPrivateName ? ['private'] : [] }, place.url, sources)
  }

  /** Whether a URL that cargo goes to may be asked, whatever it is asked about: an archive, a repository. */
  reasonNotToAskUrl(url: string): string | undefined {
    if (url.startsWith('file:')) return undefined
    return reasonNotToAsk({ ecosystem: 'cargo', names: [] }, url, this.#open)
  }

  /** The vendor folder of a git source, when the configuration puts one in its place. */
  git(source: Source & { readonly kind: 'git' }, folder: string): Plan['vendor'] {
    const config = this.#configAt(folder)
    const url = normaliseUrl(source.url, true)
    const start = [...config.effective.sources.values()].find(
      ({ git, replaceWith }) => git !== undefined && replaceWith !== undefined && normaliseUrl(git, true) === url,
    )
    return start === undefined ? undefined : this.#end(start, config).vendor
  }

  #configAt(folder: string): ConfigAt {
    const known = this.#configs.get(folder) ?? configAt(this.files, folder, this.environment)
    this.#configs.set(folder, known)
    return known
  }

  /** The registry itself: where its name leads in this environment, when a file gives its URL a name. */
  #itself(source: RegistrySource, { written, effective }: ConfigAt): Place {
    const place = sourcePlace(source)
    for (const { name, index } of written.registries.values()) {
      const here = effective.registries.get(name)?.index
      if (here !== undefined && here !== index && isSamePlace(registryPlace(index), place)) return registryPlace(here)
    }
    return place
  }

  #mirrors(source: RegistrySource, { written }: ConfigAt): readonly Place[] {
    const place = sourcePlace(source)
    return this.sources.mirrors
      .filter(({ of }) => {
        if (isCratesIo(of)) return isSamePlace(place, PUBLIC_PLACE)
        const named = written.registries.get(of)
        return isSamePlace(place, registryPlace(named?.index ?? of)) || isSamePlace(place, mirrorPlace(of))
      })
      .map(({ url }) => mirrorPlace(url))
  }

  /** The end of a chain of `replace-with`. A chain that cargo refuses has none; the rules about configuration speak of it. */
  #end(
    start: SourceDefinition,
    { effective }: ConfigAt,
  ): { readonly place?: Place | undefined; readonly vendor?: Plan['vendor'] } {
    const end = followReplacement(start, effective)
    if (end.kind === 'registry') return { place: registryPlace(end.definition.index) }
    if (end.kind !== 'source') return {}
    const { registry, localRegistry, directory, location } = end.definition
    if (registry !== undefined) return { place: registryPlace(registry) }
    const base = folderOf(folderOf(location.file))
    if (directory !== undefined) {
      const folder = resolvePath(base, directory)
      return { vendor: folder === undefined ? 'outside' : { folder } }
    }
    if (localRegistry === undefined) return {}
    const folder = resolvePath(base, localRegistry)
    return { place: folder === undefined ? outsidePlace(localRegistry) : { kind: 'local', folder } }
  }
}

/** A local registry outside the tree is asked like a mirror on disk, if at all: the policy of the desk decides. */
function outsidePlace(path: string): Place | undefined {
  return path.startsWith('/') ? { kind: 'sparse', url: new URL(`file://${encodeURI(path)}/`).href } : undefined
}

function replacedRegistry(source: RegistrySource, { effective }: ConfigAt): SourceDefinition | undefined {
  const own = sourcePlace(source)
  if (isPublicRegistry(source.url)) {
    const start = effective.sources.get('crates-io')
    if (start?.replaceWith !== undefined) return start
  }
  return [...effective.sources.values()].find(
    ({ registry, replaceWith }) =>
      registry !== undefined && replaceWith !== undefined && isSamePlace(registryPlace(registry), own),
  )
}

function plan({ authorities: asked, stead, vendor, unasked, unaskedStead }: Omit<Plan, 'key'>): Plan {
  const authorities = [...new Map(asked.map((place) => [placeName(place), place])).values()]
  const beside = stead !== undefined && authorities.some((place) => isSamePlace(place, stead)) ? undefined : stead
  const places = [...authorities, ...(beside === undefined ? [] : [beside])].map(placeName)
  const key = JSON.stringify([places, beside === undefined, vendor ?? '', unasked ?? '', unaskedStead ?? ''])
  return { authorities, stead: beside, vendor, unasked, unaskedStead, key }
}

import { GitSource } from '../../git-source.js'
import type { MirrorInput } from '../../mirror.js'
import { namedMirror } from '../../named-mirror.js'
import { reasonNotToAsk } from '../../whom-to-ask.js'
import type { Place } from '../verify/place.js'
import { placeName } from '../verify/place.js'
import { privateNames } from '../verify/private-names.js'
import { Registry } from '../verify/registry.js'
import { RegistryTokens } from '../verify/tokens.js'
import type { Whereabouts } from '../verify/whereabouts.js'
import { openWhereabouts } from '../verify/whereabouts.js'

/** The registries of a run, each opened once. */
export class Registries {
  readonly git: GitSource
  readonly #opened = new Map<string, Registry>()
  readonly #tokens: RegistryTokens
  readonly #isPrivate: (name: string) => boolean

  private constructor(
    readonly input: MirrorInput,
    readonly whereabouts: Whereabouts,
  ) {
    this.git = new GitSource(input.desk)
    this.git.askThrough(input.git)
    this.#tokens = new RegistryTokens(whereabouts.files, input.environment, input.sources)
    this.#isPrivate = privateNames(input.sources.internal)
  }

  static async open(input: MirrorInput): Promise<Registries> {
    return new Registries(input, await openWhereabouts(input))
  }

  at(place: Place): Registry {
    const key = `${place.kind} ${placeName(place)}`
    const { desk, tree } = this.input
    const known =
      this.#opened.get(key) ??
      new Registry(place, {
        ...{ desk, tree, tokens: this.#tokens, git: this.git },
        reasonNotToAsk: (url) => this.whereabouts.reasonNotToAskUrl(url),
      })
    this.#opened.set(key, known)
    return known
  }

  /** Why a repository is not asked about a package. */
  reasonNotToAskRepository(name: string, url: string): string | undefined {
    return url.startsWith('file:') ? undefined : reasonNotToAsk({ ecosystem: 'cargo', names: [name] }, url, this.input.sources)
  }

  /** Why a registry that the user named is not told a name. */
  reasonNotToName(place: Place, name: string): string | undefined {
    if (place.kind === 'local' || place.url.startsWith('file:') || !URL.canParse(place.url)) return undefined
    const sources = namedMirror(this.input.sources, place.url)
    const mirrors = sources.mirrors.map(({ url, of }) => ({ url: url.replace(/^sparse\+/, ''), of }))
    const internal = this.#isPrivate(name) ? ['cargo:**'] : []
    return reasonNotToAsk({ ecosystem: 'cargo', names: [name] }, place.url, { ...sources, mirrors, internal })
  }
}

import { systemClock } from '../../../evidence/http/clock.js'
import { Turns } from '../../../evidence/store/turns.js'
import type { Component } from '../../../model/component.js'
import { earlierVersionFact, publishingFact } from '../../../model/publishing-fact.js'
import type { Source } from '../../../model/source.js'
import type { GitSource } from '../../git-source.js'
import type { VerifyInput } from '../../verifier.js'
import { reasonNotToAsk } from '../../whom-to-ask.js'
import { parseSemVer } from '../semver.js'
import { ApiManners } from './api-manners.js'
import type { CheckedCrate } from './crate-check.js'
import { checkCrate } from './crate-check.js'
import { checkGitCommit } from './git-check.js'
import type { Stated } from './index-check.js'
import { checkAgainstAuthorities, checkStead, noteRow } from './index-check.js'
import type { Place } from './place.js'
import { placeName } from './place.js'
import { publishingOf } from './publishing.js'
import { Registry } from './registry.js'
import { checkSource } from './source-check.js'
import type { Emit } from './subject.js'
import { Subject } from './subject.js'
import type { RegistryTokens } from './tokens.js'
import { checkVendored, VendorFolders } from './vendor-check.js'
import type { Plan, Whereabouts } from './whereabouts.js'

/** Archives in memory at a time. */
const ARCHIVES = 8

/** One piece of work: what it is about, and the doing. */
export interface Work {
  readonly components: readonly Component[]
  readonly run: (emit: Emit) => Promise<void>
}

/** Components of one crate that are asked about in one place. */
interface Group {
  readonly name: string
  readonly plan: Plan
  readonly components: Component[]
}

/** What a crate's name may hold: it becomes part of URLs and paths. */
const CRATE_NAME = /^[\p{L}\p{N}_-]{1,256}$/u

/** One verification: plans whom to ask for what, each file of an index once. */
export class Verification {
  readonly #registries = new Map<string, Registry>()
  readonly #folders: ReadonlyMap<string, string>
  readonly #vendored: VendorFolders
  readonly #archives = new Turns(ARCHIVES)
  readonly #manners = new Map<Registry, ApiManners>()

  constructor(
    readonly input: VerifyInput,
    readonly git: GitSource,
    readonly whereabouts: Whereabouts,
    readonly tokens: RegistryTokens,
  ) {
    this.#folders = new Map(input.graph.projects.map(({ id, folder }) => [id, folder]))
    this.#vendored = new VendorFolders(input.tree)
  }

  works(): readonly Work[] {
    const groups = new Map<string, Group>()
    const works: Work[] = []
    for (const component of this.input.components) {
      const { source, name, version } = component
      if (source.kind === 'git') works.push({ components: [component], run: (emit) => this.#runGit(component, source, emit) })
      else if (source.kind !== 'registry')
        works.push(notCheckable(component, `it is no package of a registry: ${describe(source)}`))
      else if (!CRATE_NAME.test(name) || version === undefined || parseSemVer(version) === undefined)
        works.push(notCheckable(component, 'no registry can hold a crate of this name and version'))
      else {
        for (const plan of this.#plans(component, source)) {
          const key = `${plan.key} ${name}`
          const group = groups.get(key)
          if (group === undefined) groups.set(key, { name, plan, components: [component] })
          else group.components.push(component)
        }
      }
    }
    const runs = [...groups.values()].map(
      (group): Work => ({ components: group.components, run: (emit) => this.#runGroup(group, emit) }),
    )
    return [...runs, ...works, ...this.#publishingWorks([...groups.values()])]
  }

  /** Last, since it takes its time; in one order, since not every crate may be asked about. */
  #publishingWorks(groups: readonly Group[]): readonly Work[] {
    const { questions } = this.input
    if (questions === undefined) return []
    const asked = new Set<Component>()
    return groups.flatMap(({ name, plan, components }): Work[] => {
      const wanted = components.filter((component) => questions.publishing(component) && !asked.has(component))
      for (const component of wanted) asked.add(component)
      return wanted.length === 0 ? [] : [{ components: wanted, run: (emit) => this.#runPublishing(name, plan, wanted, emit) }]
    })
  }

  /** One for each way in which the projects that hold it are configured. */
  #plans(component: Component, source: Source & { readonly kind: 'registry' }): readonly Plan[] {
    const plans = this.#foldersOf(component).map((folder) => this.whereabouts.registry(source, folder, component.name))
    return [...new Map(plans.map((plan) => [plan.key, plan])).values()]
  }

  #foldersOf({ projects }: Component): readonly string[] {
    const folders = new Set(projects.map((id) => this.#folders.get(id) ?? '.'))
    return folders.size === 0 ? ['.'] : [...folders]
  }

  #registry(place: Place): Registry {
    const key = `${place.kind} ${placeName(place)}`
    const { desk, tree } = this.input
    const known =
      this.#registries.get(key) ??
      new Registry(place, {
        ...{ desk, tree, tokens: this.tokens, git: this.git },
        reasonNotToAsk: (url) => this.whereabouts.reasonNotToAskUrl(url),
      })
    this.#registries.set(key, known)
    return known
  }

  async #runGit(component: Component, source: Source & { readonly kind: 'git' }, emit: Emit): Promise<void> {
    const subject = new Subject(component, emit)
    const why = this.#reasonNotToAskRepository(component.name, source.url)
    if (why === undefined) await checkGitCommit(subject, source, this.git)
    else subject.say('cargo/git-commit', 'not-checkable', { kind: 'git', name: source.url }, { expected: source.commit, why })
    const folders = new Map(
      this.#foldersOf(component).map((folder) => [JSON.stringify(this.whereabouts.git(source, folder)), folder]),
    )
    for (const folder of folders.values()) {
      const vendor = this.whereabouts.git(source, folder)
      if (vendor !== undefined) await checkVendored(subject, vendor, this.#vendored, undefined)
    }
  }

  async #runGroup({ name, plan, components }: Group, emit: Emit): Promise<void> {
    const subjects = components.map((component) => new Subject(component, emit))
    const authorities = plan.authorities.map((place) => this.#registry(place))
    const stead = plan.stead === undefined ? undefined : this.#registry(plan.stead)
    if (authorities.length === 0)
      for (const subject of subjects) subject.say('cargo/index-checksum', 'not-checkable', undefined, { why: plan.unasked })
    if (plan.unaskedStead !== undefined)
      for (const subject of subjects)
        subject.say('cargo/index-checksum', 'not-checkable', undefined, {
          why: `what cargo downloads from by its configuration is not asked: ${plan.unaskedStead}`,
        })
    const stated = await checkAgainstAuthorities(name, subjects, authorities, plan.unasked)
    const beside = stead === undefined ? new Map<Subject, Stated>() : await checkStead(name, subjects, stead)
    await Promise.all(
      subjects.map(async (subject) => {
        const own = stated.get(subject)
        const known = own ?? beside.get(subject)
        if (known !== undefined) noteRow(subject, known)
        if (own !== undefined) await this.#tellEarlier(subject, own.registry)
        await this.#archives.take(() =>
          this.#checkFiles(subject, plan, own?.registry ?? authorities.at(-1), own, stead, beside.get(subject)),
        )
      }),
    )
  }

  /** The first of the authorities whose API knows the crate. What cargo downloads from instead has no say in who made it. */
  async #runPublishing(name: string, plan: Plan, components: readonly Component[], emit: Emit): Promise<void> {
    const subjects = components.map((component) => new Subject(component, emit))
    const silent: { readonly registry: string; readonly why: string }[] = []
    for (const registry of plan.authorities.map((place) => this.#registry(place))) {
      const manners = this.#manners.get(registry) ?? new ApiManners(systemClock)
      this.#manners.set(registry, manners)
      const reasonNotToAsk = (url: string): string | undefined => this.#reasonNotToAskRepository(name, url)
      const took = await manners.take(() => registry.apiCrate(name, reasonNotToAsk))
      const answer = took.kind === 'done' ? took.value : ({ kind: 'silent', why: took.why } as const)
      if (answer.kind === 'silent') silent.push({ registry: registry.name, why: answer.why })
      if (answer.kind !== 'ok') continue
      for (const subject of subjects)
        subject.tell(publishingFact(subject.component, publishingOf(subject, answer.crate, answer.host)))
      return
    }
    const [first] = silent
    if (first === undefined) return
    for (const subject of subjects)
      subject.tell(publishingFact(subject.component, { method: 'unknown', ...first, trustedOnly: false }))
  }

  async #tellEarlier(subject: Subject, registry: Registry): Promise<void> {
    if (this.input.questions?.earlier(subject.component) !== true) return
    const row = await registry.earlier(subject.name, subject.version)
    if (row !== undefined) subject.tell(earlierVersionFact(subject.component, { version: row.version, sha256: row.checksum }))
  }

  #reasonNotToAskRepository(name: string, url: string): string | undefined {
    if (url.startsWith('file:')) return undefined
    return reasonNotToAsk({ ecosystem: 'cargo', names: [name] }, url, this.input.sources)
  }

  /** Archive, vendored copy and source of one version, as far as they are wanted. */
  async #checkFiles(
    subject: Subject,
    { vendor, unasked: why }: Plan,
    authority: Registry | undefined,
    own: Stated | undefined,
    stead: Registry | undefined,
    beside: Stated | undefined,
  ): Promise<void> {
    const { bytes, source } = this.input.depth
    const fetches = bytes || source
    let checked: CheckedCrate | undefined
    if (fetches && authority !== undefined) checked = await checkCrate(subject, authority, own?.row)
    else if (fetches && stead === undefined) subject.say('cargo/crate-bytes', 'not-checkable', undefined, { why })
    // An archive in the tree costs nothing, and cargo builds it without looking once it is unpacked.
    if (stead !== undefined && (fetches || stead.place.kind === 'local')) {
      const there = await checkCrate(subject, stead, beside?.row)
      checked ??= there
    }
    if (vendor !== undefined) await checkVendored(subject, vendor, this.#vendored, checked)
    if (!source) return
    if (checked !== undefined)
      await checkSource(subject, checked, this.git, (url) => this.#reasonNotToAskRepository(subject.name, url))
    else subject.say('cargo/vcs-info', 'not-checkable', undefined, { why: 'its archive is not at hand' })
  }
}

function notCheckable(component: Component, why: string): Work {
  const run = async (emit: Emit): Promise<void> =>
    new Subject(component, emit).say('cargo/index-checksum', 'not-checkable', undefined, { why })
  return { components: [component], run }
}

function describe(source: Source): string {
  switch (source.kind) {
    case 'path':
      return `a folder (${source.path})`
    case 'unknown':
      return source.why
    default:
      return `a source of kind ${source.kind}`
  }
}

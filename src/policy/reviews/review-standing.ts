import type { Component } from '../../model/component.js'
import type { Digest } from '../../model/digest.js'
import { digestKind } from '../../model/digest.js'
import { ENDPOINTS } from '../../model/endpoints.js'
import type { Rejection, Review, ReviewExemption, ReviewReach, ReviewSettings } from '../../model/review.js'
import { EVERY_VERSION, reviewKey } from '../../model/review.js'
import { compareVersions } from '../../model/version-order.js'
import { bareRegistryUrl } from '../source-url.js'
import { CriteriaBook } from './criteria.js'

/** What reviews say of one component. */
export interface ReviewStanding {
  /** Of the criteria that are wanted, those that no review and no chain of reviews gives. */
  readonly lacking: readonly string[]
  /** The version from which the least is left to review; undefined where none is reviewed. */
  readonly nearest?: string | undefined
  /** Reviews of just this version that do not count, and why. */
  readonly refused: readonly { readonly review: Review; readonly why: string }[]
  /** Every review of just this version. */
  readonly reviews: readonly Review[]
  readonly rejections: readonly Rejection[]
  /** That stands in for what is lacking: of this version, or of one that reviews lead on from. */
  readonly exemption?: ReviewExemption | undefined
  /** How many trusted publishers of the name there are, of whom nobody recorded whether they published this version. */
  readonly openPublishers: number
}

/** What is known of the components of one name. */
interface Chains {
  /** By where they start; versions that were read whole start at `WHOLE`. */
  readonly from: ReadonlyMap<string, readonly Review[]>
  readonly to: ReadonlyMap<string, readonly Review[]>
  readonly published: ReadonlySet<string>
  readonly rejections: readonly Rejection[]
}

/** Where chains start that are reviewed throughout, and those that rest on an exemption; no version is written so. */
const WHOLE = '\n'
const EXEMPT = '\r'

/** Versions that meet criteria, with the exemption that they rest on, if they do. */
type Reached = ReadonlyMap<string, ReviewExemption | undefined>

/**
 * Reviews as cargo-vet counts them: a version meets criteria where a chain leads to it from one that was read whole, of
 * differences in any direction, each of which gives the criteria or ones that imply them. A rejected version is no link.
 */
export class ReviewBook {
  readonly #criteria: CriteriaBook
  readonly #chains = new Map<string, Chains>()
  /** Versions that meet criteria, by name, reach and criteria. */
  readonly #reached = new Map<string, Reached>()

  constructor(readonly settings: ReviewSettings) {
    this.#criteria = new CriteriaBook(settings.criteria)
  }

  standing(component: Component, wanted: readonly string[]): ReviewStanding {
    const key = reviewKey(component)
    const chains = this.#chainsOf(key)
    const versions = versionsOf(component)
    const reaches = reachesOf(component)
    const reviews = versions.flatMap((version) => chains.to.get(version) ?? []).filter(({ reach }) => reaches.includes(reach))
    const refused = reviews.flatMap((review) => {
      const why = whyNotTheseBytes(review, component)
      return why === undefined ? [] : [{ review, why }]
    })
    const left = new Set(refused.map(({ review }) => review))
    const reached = wanted.map((criterion) => ({ criterion, by: this.#reachedOf(key, chains, reaches, criterion, left) }))
    const open = reached.filter(({ by }) => !versions.some((version) => isReviewed(by, version)))
    const [first] = open
    const exemptions = open.map(({ by }) => versions.flatMap((version) => by.get(version) ?? [])[0])
    return {
      lacking: open.map(({ criterion }) => criterion),
      nearest: first === undefined ? undefined : nearestTo(component.version, first.by),
      refused,
      reviews,
      rejections: this.rejectionsOf(component),
      exemption: exemptions.includes(undefined) ? undefined : exemptions[0],
      openPublishers: this.#openPublishers(component, chains),
    }
  }

  /** Those of the component's version; a package of the name in another registry is not what cargo-vet's are about. */
  rejectionsOf(component: Component): readonly Rejection[] {
    const all = this.settings.rejections.get(reviewKey(component)) ?? []
    if (all.length === 0) return all
    const elsewhere = component.source.kind === 'registry' && !isCratesIo(component)
    return all.filter(
      ({ reach, matches, range }) =>
        (reach === 'any' || !elsewhere) &&
        (component.version === undefined ? range === EVERY_VERSION : matches(component.version)),
    )
  }

  /** Whether somebody who rejects for `criteria` says that one of the wanted is not met. */
  denies(criteria: readonly string[], wanted: readonly string[]): boolean {
    return wanted.some((one) => this.#criteria.denies(criteria, one))
  }

  #chainsOf(key: string): Chains {
    const known = this.#chains.get(key)
    if (known !== undefined) return known
    const from = new Map<string, Review[]>()
    const to = new Map<string, Review[]>()
    const publications = this.settings.publications.get(key) ?? []
    const trusted = this.settings.publishers.get(key) ?? []
    const published = publications.flatMap(({ version, publisher, when }): readonly Review[] => {
      const holding = trusted.filter((one) => one.publisher === publisher && one.start <= when && when < one.end)
      const [first] = holding
      // One for all of them: as many as there are pairs would be too many.
      return first === undefined
        ? []
        : [{ ...first, criteria: [...new Set(holding.flatMap(({ criteria }) => criteria))], to: version }]
    })
    for (const review of [...(this.settings.reviews.get(key) ?? []), ...published]) {
      append(from, review.from ?? WHOLE, review)
      append(to, review.to, review)
    }
    for (const exemption of this.settings.exemptions.get(key) ?? []) append(from, EXEMPT, { ...exemption, to: exemption.version })
    const chains = {
      from,
      to,
      published: new Set(publications.map(({ version }) => version)),
      rejections: this.settings.rejections.get(key) ?? [],
    }
    this.#chains.set(key, chains)
    return chains
  }

  #reachedOf(
    key: string,
    chains: Chains,
    reaches: readonly ReviewReach[],
    criterion: string,
    left: ReadonlySet<Review>,
  ): Reached {
    if (left.size > 0) return this.#walk(chains, reaches, criterion, left)
    const id = JSON.stringify([key, reaches, criterion])
    const known = this.#reached.get(id)
    if (known !== undefined) return known
    const reached = this.#walk(chains, reaches, criterion, left)
    this.#reached.set(id, reached)
    return reached
  }

  /** Every version and every review once, so cycles end; what needs no exemption first. */
  #walk(chains: Chains, reaches: readonly ReviewReach[], criterion: string, left: ReadonlySet<Review>): Reached {
    const reached = new Map<string, ReviewExemption | undefined>()
    const refused = new Set<string>()
    for (const start of [WHOLE, EXEMPT]) {
      const open: { readonly at: string; readonly by: ReviewExemption | undefined }[] = [{ at: start, by: undefined }]
      for (let step = open.pop(); step !== undefined; step = open.pop())
        for (const review of chains.from.get(step.at) ?? []) {
          const { to, reach, criteria } = review
          if (reached.has(to) || refused.has(to) || left.has(review)) continue
          if (!reaches.includes(reach) || !this.#criteria.gives(criteria, criterion)) continue
          if (this.#isRejected(to, criterion, reaches, chains.rejections)) {
            refused.add(to)
            continue
          }
          const by = step.at === EXEMPT ? { ...review, version: to } : step.by
          reached.set(to, by)
          open.push({ at: to, by })
        }
    }
    return reached
  }

  #isRejected(version: string, criterion: string, reaches: readonly ReviewReach[], rejections: readonly Rejection[]): boolean {
    const [bare = ''] = version.split('@git:')
    return rejections.some(
      ({ reach, criteria, matches }) => reaches.includes(reach) && this.#criteria.denies(criteria, criterion) && matches(bare),
    )
  }

  #openPublishers(component: Component, { published }: Chains): number {
    const { version } = component
    if (version === undefined || !isCratesIo(component) || published.has(version)) return 0
    return this.settings.publishers.get(reviewKey(component))?.length ?? 0
  }
}

/** How reviews may name the version of a component. A crate from git is not what was published under its number. */
function versionsOf({ ecosystem, version = '', source }: Component): readonly string[] {
  if (source.kind !== 'git') return [version]
  const commit = source.commit === undefined ? [] : [`${version}@git:${source.commit}`]
  return ecosystem === 'cargo' ? commit : [version, ...commit]
}

function reachesOf(component: Component): readonly ReviewReach[] {
  return component.source.kind === 'git' || isCratesIo(component) ? ['crates.io', 'any'] : ['any']
}

const CRATES_IO = [ENDPOINTS.cargo.gitIndex, ENDPOINTS.cargo.sparseIndex].map(bareRegistryUrl)

/** Whether cargo-vet's reviews are about it. */
export function isCratesIo({ source }: Component): boolean {
  return source.kind === 'registry' && CRATES_IO.includes(bareRegistryUrl(source.url))
}

/** Undefined where the review counts: it names no bytes, or those that the component is pinned to. */
function whyNotTheseBytes({ digest }: Review, { claims }: Component): string | undefined {
  if (digest === undefined) return undefined
  const kind = digestKind(digest)
  const stated = claims.map((claim) => claim.digest).filter((one) => digestKind(one) === kind)
  const other = stated.find(({ value }) => value !== digest.value)
  if (other !== undefined) return `it is of other bytes: ${short(digest)}, and here is ${short(other)}`
  return stated.length > 0 ? undefined : `it is of ${short(digest)}, and no lockfile states a digest of that kind`
}

function short(digest: Digest): string {
  const { value } = digest
  return `${digest.of === 'tree' ? digest.scheme : digest.algorithm} ${value.length > 24 ? `${value.slice(0, 20)}…` : value}`
}

/** Without resting on an exemption. */
function isReviewed(reached: Reached, version: string): boolean {
  return reached.has(version) && reached.get(version) === undefined
}

/** The last one before the version, else the first after it: what changed since is the least to read. */
function nearestTo(version: string | undefined, reached: Reached): string | undefined {
  if (version === undefined) return undefined
  let before: string | undefined
  let after: string | undefined
  for (const one of reached.keys()) {
    if (!isReviewed(reached, one) || one === '' || one.startsWith('@')) continue
    if (compareVersions(one, version) <= 0) {
      if (before === undefined || compareVersions(one, before) > 0) before = one
    } else if (after === undefined || compareVersions(one, after) < 0) after = one
  }
  return before ?? after
}

function append(lists: Map<string, Review[]>, key: string, review: Review): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [review])
  else list.push(review)
}

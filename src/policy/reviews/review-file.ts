import type { Location } from '../../model/location.js'
import type { CratePublication, PublisherReview, Rejection, Review, ReviewExemption, ReviewSettings } from '../../model/review.js'
import { reviewKey } from '../../model/review.js'
import type { TomlDocument } from '../../syntax/toml.js'
import type { ConfigProblem } from '../config-problem.js'
import { BUILT_IN_CRITERIA } from './criteria.js'

type Refused = { readonly ok: false; readonly why: string }

/** What only the caller can do: policy opens nothing, and knows no ecosystem's own ranges. */
export interface ReviewChecks {
  /** The text of a file, by its path from the folder of the first configuration file. */
  readonly readFile: (path: string, maxBytes: number) => { readonly ok: true; readonly text: string } | Refused
  /** Reads a requirement as Cargo does. */
  readonly parseVersionReq: (text: string) => { readonly matches: (version: string) => boolean } | undefined
}

/** Of one component: each is compared with every version that reviews name. */
const MAX_REJECTIONS = 128
const MAX_PUBLISHERS = 256
/** A file that is no such file at all would say the same thousands of times. */
const MAX_PROBLEMS = 20

/** assay's own form, or the files of cargo-vet: what a project reviewed itself, what it imported, how it is set up. */
export type ReviewForm = 'assay' | 'audits' | 'imports' | 'config'

/** A file under reading: where what it says goes, and where what is wrong with it. */
export class ReviewFile {
  #problems = 0

  constructor(
    readonly document: TomlDocument,
    readonly form: ReviewForm | undefined,
    readonly checks: ReviewChecks,
    readonly book: ReviewBookDraft,
    readonly problems: ConfigProblem[],
  ) {}

  note(location: Location, message: string): void {
    this.#problems += 1
    if (this.#problems > MAX_PROBLEMS) return
    const more = this.#problems === MAX_PROBLEMS ? '; more of this file is not told' : ''
    this.problems.push({ location, message: `${message}${more}` })
  }
}

/** The settings while files add to them. */
export class ReviewBookDraft {
  readonly criteria: Map<string, readonly string[]>
  readonly #reviews: Map<string, Review[]>
  readonly #rejections: Map<string, Rejection[]>
  readonly #exemptions: Map<string, ReviewExemption[]>
  readonly #publishers: Map<string, PublisherReview[]>
  readonly #publications: Map<string, CratePublication[]>

  constructor(below: ReviewSettings | undefined) {
    this.criteria = new Map(below?.criteria ?? BUILT_IN_CRITERIA)
    this.#reviews = copied(below?.reviews)
    this.#rejections = copied(below?.rejections)
    this.#exemptions = copied(below?.exemptions)
    this.#publishers = copied(below?.publishers)
    this.#publications = copied(below?.publications)
  }

  addReview(review: Review): void {
    append(this.#reviews, reviewKey(review), review)
  }

  addRejection(rejection: Rejection, file: ReviewFile): void {
    if (append(this.#rejections, reviewKey(rejection), rejection) === MAX_REJECTIONS + 1)
      file.note(rejection.location, `more than ${MAX_REJECTIONS} violations of ${rejection.name}; write wider ranges`)
  }

  addExemption(exemption: ReviewExemption): void {
    append(this.#exemptions, reviewKey(exemption), exemption)
  }

  addPublisher(review: PublisherReview, file: ReviewFile): void {
    if (append(this.#publishers, reviewKey(review), review) === MAX_PUBLISHERS + 1)
      file.note(review.location, `more than ${MAX_PUBLISHERS} publishers of ${review.name} are trusted`)
  }

  addPublication(name: string, publication: CratePublication): void {
    append(this.#publications, reviewKey({ ecosystem: 'cargo', name }), publication)
  }

  finish(rest: Pick<ReviewSettings, 'files' | 'ofEveryEcosystem' | 'writeTo'>): ReviewSettings {
    return {
      ...rest,
      criteria: this.criteria,
      reviews: this.#reviews,
      rejections: this.#rejections,
      exemptions: this.#exemptions,
      publishers: this.#publishers,
      publications: this.#publications,
    }
  }
}

function copied<T>(lists: ReadonlyMap<string, readonly T[]> | undefined): Map<string, T[]> {
  return new Map([...(lists ?? [])].map(([key, list]) => [key, [...list]]))
}

/** How many there are now. */
function append<T>(lists: Map<string, T[]>, key: string, item: T): number {
  const list = lists.get(key)
  if (list !== undefined) return list.push(item)
  lists.set(key, [item])
  return 1
}

import type { Component } from './component.js'
import type { Fact } from './graph.js'

/** Kinds of facts that the registry of a component tells of its versions, where the trust settings are about it. */
export const PUBLISHING_FACT = 'registry/publishing'
export const EARLIER_VERSION_FACT = 'registry/earlier-version'

const METHODS = ['trusted', 'token', 'unknown'] as const

/**
 * How the registry says that a version was published: its unsigned word (spec/trust.md §3.1). `trusted`: by a build of a code
 * host that it knows (trusted publishing). `token`: with a token that somebody keeps. `unknown`: it did not say, or nobody
 * asked it.
 */
export interface PublishingFact {
  readonly method: (typeof METHODS)[number]
  /** The host whose word it is. */
  readonly registry: string
  /** Why it is unknown. */
  readonly why?: string | undefined
  /** Of trusted publishing: `https://github.com/owner/name` and the commit that was built. */
  readonly repository?: string | undefined
  readonly commit?: string | undefined
  /** Of a token: whose account it belongs to. */
  readonly publisher?: string | undefined
  /** The registry takes new versions of the package by trusted publishing alone. */
  readonly trustedOnly: boolean
  /** The last version published before this one, and the first published after it, by trusted publishing. */
  readonly earlier?: string | undefined
  readonly earlierRepository?: string | undefined
  readonly later?: string | undefined
  readonly laterRepository?: string | undefined
}

/** The highest version below that of the component that its registry has not withdrawn, and the SHA-256 of its archive. */
export interface EarlierVersionFact {
  readonly version: string
  /** Lower-case hex. */
  readonly sha256: string
}

export function publishingFact(component: Component, data: PublishingFact): Fact {
  return factOf(PUBLISHING_FACT, component, data)
}

export function earlierVersionFact(component: Component, data: EarlierVersionFact): Fact {
  return factOf(EARLIER_VERSION_FACT, component, data)
}

/** The data of a fact of that kind; undefined for what is none. */
export function readPublishingFact({ kind, data }: Fact): PublishingFact | undefined {
  const method = METHODS.find((one) => one === data['method'])
  if (kind !== PUBLISHING_FACT || method === undefined) return undefined
  return {
    method,
    registry: text(data['registry']) ?? '',
    why: text(data['why']),
    repository: text(data['repository']),
    commit: text(data['commit']),
    publisher: text(data['publisher']),
    trustedOnly: data['trustedOnly'] === true,
    earlier: text(data['earlier']),
    earlierRepository: text(data['earlierRepository']),
    later: text(data['later']),
    laterRepository: text(data['laterRepository']),
  }
}

/** The data of a fact of that kind; undefined for what is none. */
export function readEarlierVersionFact({ kind, data }: Fact): EarlierVersionFact | undefined {
  const version = text(data['version'])
  const sha256 = text(data['sha256'])
  return kind !== EARLIER_VERSION_FACT || version === undefined || sha256 === undefined ? undefined : { version, sha256 }
}

type Value = Fact['data'][string]

function factOf(kind: string, component: Component, data: object): Fact {
  const entries = Object.entries(data).filter((entry): entry is [string, Value] => entry[1] !== undefined)
  return { kind, component: component.id, location: component.occurrences[0]?.location, data: Object.fromEntries(entries) }
}

function text(value: Value | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

import type { Component } from '../model/component.js'
import type { IdentitySettings, TrustRequirement, TrustSettings, UrlTemplate } from '../model/trust-settings.js'
import { matchGlob } from '../syntax/glob.js'
import type { ComponentPattern } from './component-pattern.js'
import { matchesPattern, parseComponentPattern } from './component-pattern.js'

/** The `match` of identities that sign the SBOM files of `[release]`. */
export const RELEASE_SBOM = 'release:sbom'

/**
 * What `match` can mean: a component, a repository of a registry as `oci://HOST/PATH`, without tag and digest, or the SBOMs
 * that are published.
 */
export type TrustSubject = Component | `oci://${string}` | typeof RELEASE_SBOM

type TrustPatternResult = { readonly ok: true } | { readonly ok: false; readonly why: string }

const OCI = 'oci://'
const OCI_PATTERN = /^[A-Za-z0-9.:*_-]+(?:\/[A-Za-z0-9._*-]+)+$/

/** Checks a `match`; `oci` says whether `oci://HOST/PATH` and `release:sbom` may stand there. */
export function checkTrustPattern(text: string, oci: boolean): TrustPatternResult {
  if (text === RELEASE_SBOM)
    return oci
      ? { ok: true }
      : { ok: false, why: 'SBOMs of [release] are judged by the rules sbom/signature-*, by [trust] identities' }
  if (!text.startsWith(OCI)) {
    const parsed = parseComponentPattern(text)
    return parsed.ok ? { ok: true } : parsed
  }
  if (!oci)
    return { ok: false, why: 'images and other artifacts of registries are judged by assay verify oci:…, by [trust] identities' }
  if (!OCI_PATTERN.test(text.slice(OCI.length)))
    return {
      ok: false,
      why: 'it must be written as oci://HOST/PATH, without tag and digest, * in a segment and ** across segments',
    }
  return { ok: true }
}

/** The first identity that is about the subject: it alone says who may have signed (spec/trust.md §3.5). */
export function identityFor(settings: Pick<TrustSettings, 'identities'>, subject: TrustSubject): IdentitySettings | undefined {
  return settings.identities.find(({ match }) => compile(match)(subject))
}

type Matcher = (subject: TrustSubject) => boolean

/** What the settings say of single components; patterns are parsed once. */
export class TrustBook {
  readonly #identities: readonly (readonly [Matcher, IdentitySettings])[]
  readonly #require: readonly (readonly [Matcher, TrustRequirement])[]
  readonly #templates: readonly (readonly [Matcher, UrlTemplate])[]
  readonly #github: readonly Matcher[]

  constructor(readonly settings: TrustSettings) {
    this.#identities = settings.identities.map((one) => [compile(one.match), one])
    this.#require = settings.require.map((one) => [compile(one.match), one])
    this.#templates = settings.templates.map((one) => [compile(one.match), one])
    this.#github = settings.github.map(compile)
  }

  identityFor(component: Component): IdentitySettings | undefined {
    return this.#identities.find(([matches]) => matches(component))?.[1]
  }

  /** Every requirement that is about it: each must be met. */
  requirementsFor(component: Component): readonly TrustRequirement[] {
    return this.#require.flatMap(([matches, one]) => (matches(component) ? [one] : []))
  }

  templatesFor(component: Component): readonly UrlTemplate[] {
    return this.#templates.flatMap(([matches, one]) => (matches(component) ? [one] : []))
  }

  /** Whether GitHub may be told that this component is used. */
  asksGithub(component: Component): boolean {
    if (this.#github.some((matches) => matches(component))) return true
    return this.settings.githubForRequired && this.#require.some(([matches]) => matches(component))
  }
}

function compile(match: string): Matcher {
  if (match === RELEASE_SBOM) return (subject) => subject === RELEASE_SBOM
  if (match.startsWith(OCI)) {
    const pattern = match.slice(OCI.length)
    return (subject) => typeof subject === 'string' && matchGlob(pattern, subject.slice(OCI.length))
  }
  const parsed = parseComponentPattern(match)
  // The loader has refused what is no pattern.
  const pattern: ComponentPattern | undefined = parsed.ok ? parsed.pattern : undefined
  return (subject) => typeof subject !== 'string' && pattern !== undefined && matchesPattern(pattern, subject)
}

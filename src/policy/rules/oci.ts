import { factRule, factText } from '../../model/fact-rule.js'
import type { FindingDraft } from '../../model/finding.js'
import type { Fact } from '../../model/graph.js'
import type { Location } from '../../model/location.js'
import type { Rule, RuleInput, RuleOutcome } from '../../model/rule.js'
import { matchGlob } from '../../syntax/glob.js'
import { AT_MOST } from './verify.js'

/** What is published to registries, and what images are taken from them (spec/policy.md §2.14). */
export const OCI_RULES: readonly Rule[] = [
  {
    id: 'oci/tag-reference',
    title: 'An image is named by a tag',
    why: 'A tag means other bytes as soon as somebody pushes.',
    evidence: ['L'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'error' },
    options: { paths: { type: 'strings', default: [], about: 'globs of files whose references may move' } },
    evaluate: tagReference,
  },
  factRule({
    id: 'oci/digest-mismatch',
    title: 'Bytes of a published image are not those of their digest',
    why: 'Whoever changed them serves something that nobody released.',
    evidence: ['S'],
    hard: true,
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    facts: ['oci/content-mismatch'],
    judge: (fact) => ({
      message: `${factText(fact, 'reference')}: ${factText(fact, 'why')}`,
      fix: 'discard it, and push the released bytes again',
    }),
  }),
  {
    id: 'oci/referrer-missing',
    title: 'A published image has no signature, provenance or SBOM',
    why: 'Whoever takes it cannot tell whose it is or what is in it.',
    evidence: ['S', 'A'],
    severity: { relaxed: 'off', recommended: 'warn', strict: 'error' },
    options: {
      kinds: {
        type: 'strings',
        default: ['signature', 'provenance', 'sbom'],
        about: 'what must be attached: signature, provenance, sbom, vex, summary',
        pattern: /^(?:signature|provenance|sbom|vex|summary)$/,
        example: 'sbom',
      },
    },
    evaluate: referrerMissing,
  },
  factRule({
    id: 'oci/artifact-type-unknown',
    title: 'A published artifact is of a type that nobody understands',
    why: 'What is of no known type is looked at by no tool.',
    evidence: ['S'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'warn' },
    options: { types: { type: 'strings', default: [], about: 'further types that are understood' } },
    facts: ['oci/artifact-type'],
    judge: (fact, _component, { option }) => {
      const type = factText(fact, 'type')
      if (KNOWN_TYPES.has(type) || option<readonly string[]>('types', fact.location?.file).includes(type)) return undefined
      return {
        message: `${factText(fact, 'reference')}: ${factText(fact, 'what')} is of the type ${type}`,
        fix: 'give it a type that tools know, or add it to the option types',
      }
    },
  }),
]

/** Types of artifacts and of configurations that stand for one. */
const KNOWN_TYPES: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
  'application/vnd.docker.attestation.manifest.v1+json',
  'application/vnd.cncf.helm.config.v1+json',
  'application/vnd.wasm.config.v0+json',
  'application/vnd.cncf.notary.signature',
  'application/vnd.cyclonedx+json',
  'application/vnd.cyclonedx+xml',
  'application/spdx+json',
  'application/vnd.dev.cosign.artifact.sig.v1+json',
  'application/vnd.dev.cosign.artifact.att.v1+json',
  'application/vnd.dev.cosign.artifact.sbom.v1+json',
  'application/vnd.dev.cosign.simplesigning.v1+json',
  'application/vnd.dev.sigstore.bundle+json;version=0.1',
  'application/vnd.dev.sigstore.bundle+json;version=0.2',
  'application/vnd.dev.sigstore.bundle+json;version=0.3',
  'application/vnd.dev.sigstore.bundle.v0.3+json',
  'application/vnd.dsse.envelope.v1+json',
  'application/vnd.in-toto+json',
  'application/vnd.openvex+json',
])

const DIGEST = /@(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

interface Reference {
  readonly text: string
  readonly location?: Location | undefined
  readonly use: string
  readonly pinned: boolean
  /** What the registry says it is now, where it was asked. */
  readonly digest?: string | undefined
}

function tagReference({ graph, settings, option }: RuleInput): RuleOutcome {
  const now = new Map(graph.facts('oci/release-image').map((fact) => [factText(fact, 'reference'), factText(fact, 'digest')]))
  const published = settings.release.images.map(({ reference, location }): Reference => {
    const digest = now.get(reference)
    return {
      text: reference,
      location,
      use: 'published as',
      pinned: DIGEST.test(reference),
      digest: digest === '' ? undefined : digest,
    }
  })
  const used = graph.facts('oci/image-reference').flatMap((fact): Reference[] => {
    const pinned = factText(fact, 'pinned')
    if (pinned === 'unknown') return []
    const use = factText(fact, 'usage') === 'copy' ? 'copied out of' : 'built from'
    return [{ text: factText(fact, 'reference'), location: fact.location, use, pinned: pinned === 'digest' }]
  })
  const all = [...published, ...used].filter(
    ({ location }) => !option<readonly string[]>('paths', location?.file).some((glob) => matchGlob(glob, location?.file ?? '')),
  )
  const findings = all.flatMap(({ text, location, use, pinned, digest }): FindingDraft[] =>
    pinned
      ? []
      : [
          {
            subject: text,
            location,
            message: `${use} ${text}, which can move`,
            fix: digest === undefined ? 'name it by its digest: @sha256:…' : `name it by its digest, which is now @${digest}`,
            data: { reference: text },
          },
        ],
  )
  return { findings, checked: all.length }
}

function referrerMissing(input: RuleInput): RuleOutcome {
  const images = input.graph.facts('oci/release-image')
  const findings = images.flatMap((fact): FindingDraft[] => {
    const wanted = input.option<readonly string[]>('kinds', fact.location?.file)
    return factText(fact, 'state') === 'read' ? missingKinds(fact, wanted, input) : [notRead(fact, input)]
  })
  return { findings, checked: images.length }
}

const ONE: ReadonlyMap<string, string> = new Map([
  ['signature', 'a signature'],
  ['sbom', 'an sbom'],
  ['summary', 'a summary'],
])

function missingKinds(fact: Fact, wanted: readonly string[], input: RuleInput): FindingDraft[] {
  const { kinds, partly, refused } = fact.data
  const there = new Set(Array.isArray(kinds) ? kinds : [])
  const some = new Set(Array.isArray(partly) ? partly : [])
  const unfit = Array.isArray(refused) ? refused : []
  const unseen = factText(fact, 'unseen')
  return wanted
    .filter((kind) => !there.has(kind))
    .map((kind): FindingDraft => {
      const [why] = unfit.filter((text) => text.startsWith(`${kind}: `)).map((text) => text.slice(kind.length + 2))
      const what = some.has(kind)
        ? `has ${ONE.get(kind) ?? kind} for a part of its images only`
        : why === undefined
          ? `has no ${kind}`
          : `has no ${kind} that counts (${why})`
      return {
        ...about(fact),
        message: `${factText(fact, 'reference')} ${what}${unseen === '' ? '' : `; not everything could be read: ${unseen}`}`,
        fix: 'attach it in the release job',
        data: { reference: factText(fact, 'reference'), kind },
        ...(unseen === '' || why !== undefined ? {} : unverified(input)),
      }
    })
}

function notRead(fact: Fact, input: RuleInput): FindingDraft {
  const state = factText(fact, 'state')
  const what = state === 'unavailable' ? 'could not be asked for' : state === 'absent' ? 'is not there' : 'cannot be read'
  return {
    ...about(fact),
    message: `${factText(fact, 'reference')} ${what}: ${factText(fact, 'why')}`,
    fix:
      state === 'unavailable'
        ? 'ask again later, or check the credentials of the registry'
        : 'publish it, or take it out of [release] images',
    data: { reference: factText(fact, 'reference') },
    ...(state === 'unavailable' ? unverified(input) : {}),
  }
}

function about(fact: Fact): Pick<FindingDraft, 'subject' | 'location'> {
  return { subject: factText(fact, 'reference'), location: fact.location }
}

function unverified({ verification }: RuleInput): Pick<FindingDraft, 'state' | 'atMost'> {
  return { state: 'unverified', atMost: AT_MOST[verification.onUnavailable] }
}

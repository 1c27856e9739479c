import { basename } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { readArtifact } from '../evidence/artifact-file.js'
import type { ArtifactOutcome, ArtifactProblem, ArtifactReport, ArtifactSbom, Demand } from '../model/artifact-report.js'
import type { Digest } from '../model/digest.js'
import { AssayError } from '../model/error.js'
import { escapeTerminal } from '../model/escape.js'
import { readSbomSubject, SBOM_LIMITS } from '../trust/sbom-subject.js'
import type { JsonObject } from '../trust/strict-json.js'
import { bindSubject } from '../trust/subject-binding.js'
import { sbomDemand, signatureDemands, sourceDemand } from './artifact/demands.js'
import { findSignatures } from './artifact/found-signatures.js'
import { judgeListed } from './artifact/judge-listed.js'
import { judgeSignature } from './artifact/judge-signature.js'
import type { JudgedSignature } from './artifact/judged-signature.js'
import type { LookedUpSignatures, LookupAsking, LookupRequest } from './artifact/look-up.js'
import { oldEmbeddedRoot } from './artifact/old-root.js'
import type { PolicyOptions } from './artifact/policy.js'
import { readPolicy } from './artifact/policy.js'
import { problem } from './artifact/reasons.js'
import { readNamed } from './named-file.js'

/** What `assay verify --artifact` is asked. */
export interface ArtifactRequest extends PolicyOptions {
  readonly artifact: string
  /** Files with signatures; without any, those beside the artifact. */
  readonly bundle: readonly string[]
  readonly sbom: readonly string[]
  /** Folders of attestations by digest, and URL templates. */
  readonly attestations?: readonly string[] | undefined
  /** `owner/name` on GitHub, whose attestations are asked for, and from which it must have been built. */
  readonly repo?: string | undefined
  /** How whoever is named may be asked; default: nobody is, and what was recorded is not known either. */
  readonly asking?: LookupAsking | undefined
  readonly onUsed?: LookupRequest['onUsed']
  readonly timestamp: string
}

/** Up to this size a file is kept for signatures that are over all its bytes; a larger one is known by its digests. */
const HOLD_BYTES = 128 * 1024 * 1024

/**
 * Verifies one file: its signatures against the policy, where it was built from, and whether SBOMs are about it. Asks
 * those alone whom the request names. Throws `usage` where no policy is given, `configuration` for keys and roots that are none, `input-unreadable` for files.
 */
export async function verifyArtifact(given: ArtifactRequest): Promise<ArtifactReport> {
  const request = await withNamedRepository(given)
  const policy = await readPolicy(request)
  const reading = await readArtifact(request.artifact, HOLD_BYTES)
  if (!reading.ok) {
    const why = reading.failure === 'absent' ? 'does not exist' : `cannot be read (${reading.why})`
    throw new AssayError('input-unreadable', `the artifact ${request.artifact} ${why}`, 'Name one file that can be read.')
  }
  const read = reading.artifact
  const digests = (['sha256', 'sha384', 'sha512'] as const).map((algorithm) => ({ algorithm, value: read[algorithm] }))
  const anchors = digests.map((digest): Digest => ({ of: 'artifact', ...digest }))
  const artifact = { name: basename(request.artifact), bytes: read.bytes, blake2b512: read.blake2b512, anchors }
  const described: GivenSbom[] = []
  for (const file of new Set(request.sbom)) described.push(await readSbom(file, anchors))
  const found = await findSignatures(request.artifact, request.bundle, request.sbom)
  const lookedUp = await lookUp(request, anchors)
  const judged: JudgedSignature[] = []
  for (const one of [...found.signatures, ...lookedUp.signatures])
    judged.push(
      one.list === undefined ? await judgeSignature(one, artifact, policy) : await judgeListed(one, one.list, artifact, policy),
    )
  const sboms = described.map(({ sbom, document }) => attested(sbom, document, judged))
  const demands = [
    ...signatureDemands(policy, request, judged, { ...found, ...lookedUp }),
    ...sourceDemand(policy, judged),
    ...sboms.flatMap(sbomDemand),
  ]
  const outcome = worst(demands)
  return {
    exitCode: EXIT_CODES[outcome],
    timestamp: request.timestamp,
    outcome,
    artifact: { file: request.artifact, size: read.size, digests },
    demands,
    signatures: judged.map(({ signature }) => signature),
    sboms,
    lookups: lookedUp.lookups,
    warnings: [
      ...lookedUp.unknown.map(({ source, why }) =>
        problem('trust/attestation-unknown', `${source} did not answer, or not in full: ${why}`),
      ),
      ...found.unreadable.map(({ file, why }) => problem('trust/bundle-unreadable', `${file} cannot be read: ${why}`)),
      ...sboms.filter(({ subject, attestedBy }) => subject === 'unnamed' && attestedBy === undefined).map(unnamedSbom),
      ...(policy.embeddedRoot ? oldEmbeddedRoot(request.timestamp) : []),
    ],
  }
}

type NamedRequest = ArtifactRequest & { readonly repository?: string | undefined }

async function withNamedRepository(request: ArtifactRequest): Promise<NamedRequest> {
  if (request.repo === undefined) return request
  const { githubOf } = await import('./trust/github-instance.js')
  const { withRepository } = await import('./artifact/repository-option.js')
  return withRepository(request, request.repo, githubOf(request.asking?.environment ?? {}).host)
}

const NOT_LOOKED_UP: LookedUpSignatures = { signatures: [], lookups: [], unknown: [] }

/** Loads what asks only where somebody is to be asked. */
async function lookUp(request: NamedRequest, anchors: readonly Digest[]): Promise<LookedUpSignatures> {
  const { attestations = [], repository, asking = { offline: true, environment: {} }, onUsed } = request
  if (attestations.length === 0 && repository === undefined) return NOT_LOOKED_UP
  const { lookUpSignatures } = await import('./artifact/look-up.js')
  return lookUpSignatures({ attestations, repository, asking, onUsed }, { file: request.artifact, anchors })
}

const EXIT_CODES: Readonly<Record<ArtifactOutcome, ArtifactReport['exitCode']>> = {
  verified: 0,
  refused: 1,
  undecided: 3,
  unreadable: 4,
}

/** What contradicts weighs most: a file that cannot be read must not hide it. */
function worst(demands: readonly Demand[]): ArtifactOutcome {
  for (const outcome of ['refused', 'unreadable', 'undecided'] as const) {
    if (demands.some((demand) => demand.outcome === outcome)) return outcome
  }
  // Every policy demands something; nothing demanded is nothing verified.
  return demands.length === 0 ? 'undecided' : 'verified'
}

interface GivenSbom {
  readonly sbom: ArtifactSbom
  readonly document: JsonObject
}

async function readSbom(file: string, anchors: readonly Digest[]): Promise<GivenSbom> {
  const read = readSbomSubject(await readNamed(file, SBOM_LIMITS.maxBytes, 'SBOM'))
  if (!read.ok)
    throw new AssayError(
      'input-unreadable',
      `the SBOM ${file} cannot be read: ${escapeTerminal(read.why)}`,
      'Give a CycloneDX or SPDX 2 document in JSON.',
    )
  const { format, subjects, document } = read.sbom
  const comparable = subjects.filter(({ digest }) => [...digest.keys()].some((name) => /^sha(?:256|384|512)$/.test(name)))
  const named = subjects.flatMap(({ digest }) => [...digest].map(([name, value]) => `${name}:${value}`)).slice(0, 5)
  if (comparable.length === 0) return { sbom: { file, format, subject: 'unnamed', named }, document }
  const { kind } = bindSubject({ subjects: comparable }, anchors)
  return { sbom: { file, format, subject: SBOM_SUBJECTS[kind], named }, document }
}

const SBOM_SUBJECTS = { bound: 'this-artifact', 'other-subject': 'another-artifact', conflict: 'contradiction' } as const

/** A verified attestation of the very same document says whose it is. */
function attested(sbom: ArtifactSbom, document: JsonObject, judged: readonly JudgedSignature[]): ArtifactSbom {
  const by = judged.find((one) => one.sbom !== undefined && isDeepStrictEqual(one.sbom, document))
  return by === undefined ? sbom : { ...sbom, attestedBy: by.signature.from }
}

function unnamedSbom({ file }: ArtifactSbom): ArtifactProblem {
  return problem('sbom/subject-unnamed', `${file} gives no SHA-2 digest of what it describes: nothing ties it to this artifact`)
}

import { createHash } from 'node:crypto'
import type { TrustedKey } from '../../../src/trust/public-key.js'
import { parsePublicKey } from '../../../src/trust/public-key.js'
import type { SignerPolicy } from '../../../src/trust/sigstore/identity-policy.js'
import { readTrustedRoots } from '../../../src/trust/sigstore/trusted-root.js'
import type { BundleVerdict } from '../../../src/trust/sigstore/verdict.js'
import type { SignedArtifact } from '../../../src/trust/sigstore/verifier.js'
import { verifyBundle } from '../../../src/trust/sigstore/verifier.js'
import { readSharedBytes, readSharedJson } from '../../support/shared.js'

export const CONFORMANCE = 'vectors/sigstore/conformance'

export interface ConformanceCase {
  readonly name: string
  readonly bundle: string
  readonly artifact: string
  readonly artifactSha256: string
  readonly identity: string | null
  readonly issuer: string | null
  readonly key: string | null
  readonly trustedRoot: string
  readonly expected: 'pass' | 'fail'
  readonly verifiedTimes?: readonly string[]
  readonly bundlePatch?: readonly PatchStep[]
  readonly rootPatch?: readonly PatchStep[]
}

export interface PatchStep {
  readonly op: 'add' | 'remove' | 'replace'
  readonly path: string
  readonly value?: unknown
  readonly copyOf?: number
}

export function conformanceCases(): readonly ConformanceCase[] {
  return readSharedJson<{ cases: ConformanceCase[] }>(CONFORMANCE, 'cases.json').cases
}

export function extraCases(): readonly ConformanceCase[] {
  const base = new Map(conformanceCases().map((each) => [each.name, each]))
  const { cases } = readSharedJson<{ cases: (ConformanceCase & { base: string })[] }>(CONFORMANCE, 'extra-cases.json')
  return cases.map((each) => {
    const origin = base.get(each.base)
    if (origin === undefined) throw new Error(`no case ${each.base}`)
    const artifactSha256 =
      each.artifact === undefined ? origin.artifactSha256 : createHash('sha256').update(file(each.artifact)).digest('hex')
    return { ...origin, ...each, artifactSha256 }
  })
}

function file(path: string): Uint8Array {
  return readSharedBytes(CONFORMANCE, path)
}

/** Applies the steps to parsed JSON, as RFC 6902 does; `copyOf` copies an element of the same list. */
function patched(bytes: Uint8Array, steps: readonly PatchStep[] | undefined): Uint8Array {
  if (steps === undefined) return bytes
  const json = JSON.parse(Buffer.from(bytes).toString())
  for (const { op, path, value, copyOf } of steps) {
    const keys = path.slice(1).split('/')
    const last = keys.pop() ?? ''
    const holder = keys.reduce((object, key) => object[key], json)
    const content = copyOf === undefined ? value : holder[copyOf]
    if (op === 'remove') delete holder[last]
    else if (last === '-') holder.push(content)
    else holder[last] = content
  }
  return Buffer.from(JSON.stringify(json))
}

/** What a case is made of, its changes applied. */
export function filesOf(each: ConformanceCase): {
  readonly root: Uint8Array
  readonly bundle: Uint8Array
  readonly artifact: Uint8Array
} {
  return {
    root: patched(file(each.trustedRoot), each.rootPatch),
    bundle: patched(file(each.bundle), each.bundlePatch),
    artifact: file(each.artifact),
  }
}

export type Mode = 'bytes' | 'digest'

export async function runCase(each: ConformanceCase, mode: Mode): Promise<BundleVerdict | string> {
  const { root, bundle, artifact: bytes } = filesOf(each)
  const roots = readTrustedRoots(each.trustedRoot, root)
  if (!roots.ok) return roots.why
  const signer = signerOf(each)
  if (typeof signer === 'string') return signer
  const artifact: SignedArtifact =
    mode === 'bytes' ? { bytes, anchors: [] } : { anchors: [{ of: 'artifact', algorithm: 'sha256', value: each.artifactSha256 }] }
  return verifyBundle({ bundle, artifact, roots: roots.roots, signer })
}

function signerOf({ key, identity, issuer }: ConformanceCase): SignerPolicy | undefined | string {
  if (key !== null) {
    const parsed = parsePublicKey('key', Buffer.from(file(key)).toString())
    const keys: readonly TrustedKey[] = parsed.ok ? [parsed.key] : []
    return parsed.ok ? { kind: 'key', keys } : parsed.why
  }
  if (identity === null && issuer === null) return undefined
  return { kind: 'certificate', issuer: issuer ?? undefined, san: identity ?? undefined }
}

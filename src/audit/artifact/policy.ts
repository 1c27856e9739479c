import { basename } from 'node:path'
import { AssayError } from '../../model/error.js'
import type { MinisignKey } from '../../trust/minisign.js'
import { parseMinisignKey } from '../../trust/minisign.js'
import type { TrustedKey } from '../../trust/public-key.js'
import { parsePublicKey } from '../../trust/public-key.js'
import { parseAnchoredPattern } from '../../trust/sigstore/anchored-pattern.js'
import type { CertificatePolicy } from '../../trust/sigstore/identity-policy.js'
import { isConstraining } from '../../trust/sigstore/identity-policy.js'
import type { TrustedRoot } from '../../trust/sigstore/trusted-root.js'
import type { BundleMemo } from '../../trust/sigstore/verifier.js'
import type { TrustedBuilder } from '../../trust/slsa/build-level.js'
import { readNamed } from '../named-file.js'
import type { OnlineRoots } from '../trust/roots.js'
import { loadTrustedRoots } from '../trust/roots.js'

/** What the command line says may have signed, and where it must have been built. */
export interface PolicyOptions {
  readonly key: readonly string[]
  readonly certificateIdentity?: string | undefined
  readonly certificateIdentityRegexp?: string | undefined
  readonly certificateOidcIssuer?: string | undefined
  readonly trustedRoot: readonly string[]
  /** Use the root that was fetched last, where no file is named. */
  readonly fetchedRoot?: OnlineRoots | undefined
  readonly sourceRepository?: string | undefined
  readonly sourceRef?: string | undefined
}

/** Who may have signed. At least one of certificate, keys and minisign keys is given. */
export interface ArtifactPolicy {
  readonly certificate?: CertificatePolicy | undefined
  readonly keys: readonly TrustedKey[]
  readonly minisignKeys: readonly NamedMinisignKey[]
  readonly roots: readonly TrustedRoot[]
  /** No root was given: the one that comes with the program is used. */
  readonly embeddedRoot: boolean
  readonly source?: { readonly repository?: string | undefined; readonly ref?: string | undefined } | undefined
  /** Default: those that assay knows. */
  readonly builders?: readonly TrustedBuilder[] | undefined
  /** Where many artifacts are judged: what was found of a bundle's signature is not found again. */
  readonly memo?: BundleMemo | undefined
}

export interface NamedMinisignKey {
  readonly name: string
  readonly key: MinisignKey
}

const MAX_KEY_BYTES = 65_536
/** A minisign public key as projects print it: the one base64 line of the key file. */
const MINISIGN_KEY = /^RW[A-Za-z0-9+/]{54}$/

/** Reads the policy of a command line. Throws `usage` where it names nobody, `configuration` for keys and roots that are none. */
export async function readPolicy(options: PolicyOptions): Promise<ArtifactPolicy> {
  const certificate = certificatePolicy(options)
  if (certificate === undefined && options.key.length === 0) {
    throw new AssayError(
      'usage',
      'nothing says who may have signed the artifact, and anybody can sign anything',
      'Name the signer with --certificate-oidc-issuer and --certificate-identity (or --source-repository), or a key with --key.',
    )
  }
  const keys: TrustedKey[] = []
  const minisignKeys: NamedMinisignKey[] = []
  for (const named of options.key) {
    const key = await readKey(named)
    if ('hint' in key) keys.push(key)
    else minisignKeys.push(key)
  }
  const { roots, embedded } = await loadTrustedRoots(options.trustedRoot, options.fetchedRoot)
  const { sourceRepository: repository, sourceRef: ref } = options
  return {
    certificate,
    keys,
    minisignKeys,
    roots,
    embeddedRoot: embedded,
    source: repository === undefined && ref === undefined ? undefined : { repository, ref },
  }
}

function certificatePolicy(options: PolicyOptions): CertificatePolicy | undefined {
  const { certificateIdentity: san, certificateIdentityRegexp, certificateOidcIssuer: issuer } = options
  if (san === undefined && certificateIdentityRegexp === undefined && issuer === undefined) return undefined
  const pattern = certificateIdentityRegexp === undefined ? undefined : parseAnchoredPattern(certificateIdentityRegexp)
  if (pattern?.ok === false)
    throw new AssayError(
      'usage',
      `--certificate-identity-regexp cannot be used: ${pattern.why}`,
      'It must match the whole identity; use at most three repetitions, and none of a group.',
    )
  const policy: CertificatePolicy = {
    kind: 'certificate',
    issuer,
    san,
    sanPattern: pattern?.pattern,
    sourceRepository: options.sourceRepository,
    refs: options.sourceRef === undefined ? undefined : [options.sourceRef],
  }
  if (isConstraining(policy)) return policy
  throw issuer === undefined
    ? new AssayError(
        'usage',
        'an identity without its issuer: another provider may hand out the same name',
        'Add --certificate-oidc-issuer, e.g. https://token.actions.githubusercontent.com.',
      )
    : new AssayError(
        'usage',
        'an issuer alone lets everybody sign who has an account there',
        'Add --certificate-identity, --certificate-identity-regexp or --source-repository.',
      )
}

/** A public key in PEM or of minisign, by the name of its file or as its line. Throws `input-unreadable` and `configuration`. */
export async function readKey(named: string): Promise<TrustedKey | NamedMinisignKey> {
  if (MINISIGN_KEY.test(named)) return minisignKey('given key', named)
  const text = Buffer.from(await readNamed(named, MAX_KEY_BYTES, 'key')).toString('utf8')
  if (!text.includes('-----BEGIN')) return minisignKey(named, text)
  const parsed = parsePublicKey(basename(named), text)
  if (!parsed.ok) throw new AssayError('configuration', parsed.why, 'Give a public key in PEM (ECDSA, Ed25519 or RSA).')
  return parsed.key
}

function minisignKey(name: string, text: string): NamedMinisignKey {
  const parsed = parseMinisignKey(text)
  if (parsed.ok) return { name: basename(name), key: parsed.key }
  throw new AssayError(
    'configuration',
    `${name} is neither a public key in PEM nor one of minisign: ${parsed.why}`,
    'Give a .pub file of minisign, its base64 line, or a public key in PEM.',
  )
}

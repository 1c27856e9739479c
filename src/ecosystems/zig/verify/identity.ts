import { hex32, nameChecksum } from '../fingerprint.js'
import type { ForgeRef } from '../forge.js'
import type { PackageHash } from '../package-hash.js'
import type { HashSummary } from './tree-hash.js'

export interface IdentityCheck {
  readonly verdict: 'match' | 'mismatch' | 'not-checkable'
  /** As the hash names it. */
  readonly expected?: string | undefined
  /** As the manifest in the package names it. */
  readonly observed?: string | undefined
  readonly why?: string | undefined
}

/**
 * Name, version and id in a hash, and the name in the fingerprint, against the manifest in the package (spec/zig.md §3.2,
 * §4.3). `ref` is what the URL calls the state of it.
 */
export function checkIdentity(hash: PackageHash, { manifest }: HashSummary, ref: ForgeRef | undefined): IdentityCheck {
  if (manifest === 'unreadable') return { verdict: 'not-checkable', why: 'the manifest in the package cannot be read' }
  const observed = manifest === 'none' ? NAKED : describe(manifest.name, manifest.version, manifest.fingerprint?.parts.id ?? 0)
  const label = manifest === 'none' ? undefined : labelAgainstVersion(ref, manifest.version)
  if (manifest !== 'none' && manifest.name !== undefined && manifest.fingerprint !== undefined) {
    const wanted = nameChecksum(manifest.name)
    const { checksum } = manifest.fingerprint.parts
    if (checksum !== wanted)
      return {
        verdict: 'mismatch',
        expected: `0x${hex32(wanted)}`,
        observed: `0x${hex32(checksum)}`,
        why: `its fingerprint was made for another name than ${manifest.name}`,
      }
  }
  if (hash.form === 'legacy')
    return { verdict: 'not-checkable', observed, why: label ?? 'a hash of that form names no package; the manifest does' }
  const expected = hash.form === 'naked' ? NAKED : describe(hash.name, hash.version, hash.id)
  return { verdict: expected === observed ? 'match' : 'mismatch', expected, observed, why: label }
}

const NAKED = 'a package without manifest'

function describe(name: string | undefined, version: string | undefined, id: number): string {
  return `${name ?? '(no name)'} ${version ?? '(no version)'} with id 0x${hex32(id)}`
}

/** The tag in a URL is for people; they read it as the version. */
function labelAgainstVersion(ref: ForgeRef | undefined, version: string | undefined): string | undefined {
  if (ref === undefined || (ref.kind !== 'tag' && ref.kind !== 'name') || version === undefined) return undefined
  const [, stated] = /^(?:[A-Za-z][A-Za-z0-9]*[-_/])?v?(\d+\.\d+\.\d+\S*)$/.exec(ref.value) ?? []
  return stated === undefined || stated === version ? undefined : `the URL says ${ref.value}, the manifest ${version}`
}

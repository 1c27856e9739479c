import type { DeclaredPackage } from './declared.js'
import { declaredOfMember } from './declared.js'
import { parseManifest } from './manifest.js'
import { findWorkspaces } from './workspace.js'

/** What a manifest that stands alone says: that of a published crate or a vendored copy. */
export interface PackageManifest {
  readonly name: string
  readonly version: string
  readonly declared: DeclaredPackage
}

/** Undefined for a text that is no manifest of a package. `folder` is where it stands; `path` its own. */
export function readPackageManifest(
  text: string,
  folder: string,
  path: string,
  hasBuildScript: boolean,
): PackageManifest | undefined {
  const parsed = parseManifest(text, path)
  if (!parsed.ok) return undefined
  const [workspace] = findWorkspaces(new Map([[folder, parsed.manifest]]))
  const [member] = workspace?.members ?? []
  return member === undefined
    ? undefined
    : { name: member.name, version: member.version, declared: declaredOfMember(member, hasBuildScript) }
}

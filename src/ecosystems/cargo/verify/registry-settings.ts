import { decodeUtf8 } from '../../../syntax/text.js'
import { indexPrefix } from '../index-file.js'

/** `config.json` of an index (spec/cargo.md §3.1). */
export interface RegistrySettings {
  /** Template of the download URL. */
  readonly dl: string
  readonly authRequired: boolean
  /** Where its API is, if it has one. */
  readonly api: string | undefined
}

/** Undefined for what is no configuration of a registry. */
export function readRegistrySettings(bytes: Uint8Array): RegistrySettings | undefined {
  const decoded = decodeUtf8(bytes)
  if (!decoded.ok) return undefined
  let json: unknown
  try {
    json = JSON.parse(decoded.text)
  } catch {
    return undefined
  }
  if (typeof json !== 'object' || json === null || !('dl' in json) || typeof json.dl !== 'string') return undefined
  return {
    dl: json.dl,
    authRequired: 'auth-required' in json && json['auth-required'] === true,
    api: 'api' in json && typeof json.api === 'string' ? json.api : undefined,
  }
}

/** What tells one archive from another in a template. */
export interface ArchiveName {
  readonly name: string
  /** Whole, with build metadata. */
  readonly version: string
  readonly checksum: string | undefined
}

const MARKER = /\{(crate|version|prefix|lowerprefix|sha256-checksum)\}/g

/**
 * The URL of an archive (spec/cargo.md §3.2). Without any marker the usual path is appended; a slash at the end is kept.
 * Undefined when the template needs a checksum that nobody states.
 */
export function downloadUrl(dl: string, { name, version, checksum }: ArchiveName): string | undefined {
  const template = dl.search(MARKER) < 0 ? `${dl}/{crate}/{version}/download` : dl
  const values: ReadonlyMap<string, string | undefined> = new Map([
    ['crate', name],
    ['version', version],
    ['prefix', indexPrefix(name)],
    ['lowerprefix', indexPrefix(name.toLowerCase())],
    ['sha256-checksum', checksum],
  ])
  let missing = false
  const url = template.replace(MARKER, (_, marker: string) => {
    const value = values.get(marker)
    missing ||= value === undefined
    return value ?? ''
  })
  return missing ? undefined : url
}

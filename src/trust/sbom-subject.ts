import type { StatementSubject } from './statement.js'
import type { JsonObject } from './strict-json.js'
import { fieldOf, isJsonObject, parseStrictJson } from './strict-json.js'

/** What an SBOM says it describes, with the digests it gives of it. */
export interface SbomSubject {
  /** Format and version as written, e.g. `CycloneDX 1.6`. */
  readonly format: string
  /** Those that carry a digest; empty where the document gives none. */
  readonly subjects: readonly StatementSubject[]
  /** The whole document, to compare with one that is attested. */
  readonly document: JsonObject
}

export type ReadSbomSubject = { readonly ok: true; readonly sbom: SbomSubject } | { readonly ok: false; readonly why: string }

/** An SBOM of fifty thousand components stays below. */
export const SBOM_LIMITS = { maxBytes: 128 * 1024 * 1024, maxDepth: 128 }
const MAX_DIGESTS = 64
const SPDX_DOCUMENT = 'SPDXRef-DOCUMENT'

/**
 * The subject of a CycloneDX document (1.4 to 1.7: `metadata.component.hashes`) or an SPDX one (2.2 and 2.3: `checksums` of
 * the packages and files that the document DESCRIBES), both as JSON.
 */
export function readSbomSubject(bytes: Uint8Array): ReadSbomSubject {
  const json = parseStrictJson(bytes, SBOM_LIMITS)
  if (!json.ok) return { ok: false, why: json.why }
  const { value } = json
  if (!isJsonObject(value)) return { ok: false, why: 'it is no JSON object' }
  const sbom = sbomOf(value)
  if (sbom === undefined) return { ok: false, why: 'it is neither a CycloneDX nor an SPDX 2 document in JSON' }
  if (sbom.subjects.includes('ambiguous')) return { ok: false, why: 'it gives two values of one digest of what it describes' }
  const subjects = sbom.subjects.filter((subject) => subject !== 'ambiguous')
  return { ok: true, sbom: { format: sbom.format, subjects, document: value } }
}

interface Described {
  readonly format: string
  readonly subjects: readonly (StatementSubject | 'ambiguous')[]
}

function sbomOf(document: JsonObject): Described | undefined {
  if (fieldOf(document, 'bomFormat') === 'CycloneDX') return cycloneDx(document)
  const spdx = fieldOf(document, 'spdxVersion')
  return typeof spdx === 'string' && spdx.startsWith('SPDX-2.') ? spdx2(document, spdx) : undefined
}

function cycloneDx(document: JsonObject): Described {
  const version = fieldOf(document, 'specVersion')
  const metadata = fieldOf(document, 'metadata')
  const component = isJsonObject(metadata) ? fieldOf(metadata, 'component') : undefined
  const format = typeof version === 'string' ? `CycloneDX ${version.slice(0, 16)}` : 'CycloneDX'
  if (!isJsonObject(component)) return { format, subjects: [] }
  return { format, subjects: subjectOf(component, 'hashes', 'alg', 'content') }
}

function spdx2(document: JsonObject, version: string): Described {
  const described = new Set<unknown>(listOf(document, 'documentDescribes'))
  for (const relation of listOf(document, 'relationships').filter(isJsonObject)) {
    const kind = fieldOf(relation, 'relationshipType')
    const [from, to] = [fieldOf(relation, 'spdxElementId'), fieldOf(relation, 'relatedSpdxElement')]
    if (kind === 'DESCRIBES' && from === SPDX_DOCUMENT) described.add(to)
    if (kind === 'DESCRIBED_BY' && to === SPDX_DOCUMENT) described.add(from)
  }
  const elements = [...listOf(document, 'packages'), ...listOf(document, 'files')].filter(isJsonObject)
  return {
    format: version.slice(0, 16).replace('-', ' '),
    subjects: elements
      .filter((element) => described.has(fieldOf(element, 'SPDXID')))
      .flatMap((element) => subjectOf(element, 'checksums', 'algorithm', 'checksumValue')),
  }
}

/** Names of algorithms as in-toto writes them: `SHA-256` and `SHA256` are `sha256`. */
function subjectOf(element: JsonObject, list: string, algorithm: string, value: string): (StatementSubject | 'ambiguous')[] {
  const digest = new Map<string, string>()
  for (const each of listOf(element, list).filter(isJsonObject).slice(0, MAX_DIGESTS)) {
    const [name, written] = [fieldOf(each, algorithm), fieldOf(each, value)]
    if (typeof name !== 'string' || typeof written !== 'string') continue
    const key = name.toLowerCase().replace(/^sha-(?=\d{1,3}$)/, 'sha')
    if ((digest.get(key) ?? written) !== written) return ['ambiguous']
    digest.set(key, written)
  }
  return digest.size === 0 ? [] : [{ digest }]
}

function listOf(object: JsonObject, name: string): readonly unknown[] {
  const value = fieldOf(object, name)
  return Array.isArray(value) ? value : []
}

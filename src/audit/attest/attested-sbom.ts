import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { Digest } from '../../model/digest.js'
import { AssayError } from '../../model/error.js'
import { escapeTerminal } from '../../model/escape.js'
import { readSbomSubject } from '../../trust/sbom-subject.js'
import { bindSubject } from '../../trust/subject-binding.js'
import { readNamed } from '../named-file.js'

/** An SBOM that is to be attested, as it stands in its file. */
export interface AttestedSbom {
  readonly file: string
  readonly name: string
  readonly sha256: string
  readonly predicateType: string
  readonly format: 'cyclonedx' | 'spdx'
  readonly bytes: Uint8Array
}

/** In base64 in a bundle it stays below what a bundle may have. */
const MAX_SBOM_BYTES = 11 * 1024 * 1024

/**
 * Reads an SBOM that is to be attested. Throws `input-unreadable` for what is none, and `configuration` where it describes
 * something else than the artifacts: `about` holds their digests, and is empty where it is the tree that is described.
 */
export async function readAttestedSbom(file: string, about: readonly Digest[]): Promise<AttestedSbom> {
  const bytes = await readNamed(file, MAX_SBOM_BYTES, 'SBOM')
  const read = readSbomSubject(bytes)
  if (!read.ok)
    throw new AssayError(
      'input-unreadable',
      `the SBOM ${file} cannot be read: ${escapeTerminal(read.why)}`,
      'Give a CycloneDX or SPDX 2 document in JSON.',
    )
  const { format, subjects } = read.sbom
  const comparable = subjects.filter(({ digest }) => [...digest.keys()].some((name) => /^sha(?:256|384|512)$/.test(name)))
  if (about.length > 0 && comparable.length > 0 && bindSubject({ subjects: comparable }, about).kind !== 'bound')
    throw new AssayError(
      'configuration',
      `the SBOM ${file} gives digests of what it describes, and they are not of the artifacts`,
      'Give the SBOM of these artifacts, or have it made again from them.',
    )
  const [kind, version = ''] = format.split(' ')
  return {
    file,
    name: basename(file),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    predicateType: kind === 'CycloneDX' ? 'https://cyclonedx.org/bom' : `https://spdx.dev/Document/v${version}`,
    format: kind === 'CycloneDX' ? 'cyclonedx' : 'spdx',
    bytes,
  }
}

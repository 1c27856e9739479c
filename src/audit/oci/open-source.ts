import { openFolder } from '../../evidence/open-input.js'
import type { Session } from '../../evidence/session.js'
import { AssayError } from '../../model/error.js'
import { escapeTerminal } from '../../model/escape.js'
import { openLayout, parseLayoutReference } from '../../trust/oci/layout.js'
import type { OciReference } from '../../trust/oci/reference.js'
import { parseOciReference } from '../../trust/oci/reference.js'
import { openRegistry } from '../../trust/oci/registry/open-registry.js'
import type { OciRead, OciSource } from '../../trust/oci/source.js'

/** What the command line or assay.toml names: something in a registry, or in a layout folder. */
export type NamedArtifact =
  | { readonly kind: 'registry'; readonly text: string; readonly reference: OciReference }
  | {
      readonly kind: 'layout'
      readonly text: string
      readonly folder: string
      readonly reference: Pick<OciReference, 'tag' | 'digest'>
    }

const LAYOUT = 'oci-layout:'
const REGISTRY = 'oci:'

/** Reads `oci:[//]HOST/PATH[:TAG][@DIGEST]` and `oci-layout:FOLDER[:TAG][@DIGEST]`. Throws `usage`. */
export function parseNamedArtifact(text: string): NamedArtifact {
  if (text.startsWith(LAYOUT)) {
    const parsed = parseLayoutReference(text.slice(LAYOUT.length))
    if (parsed.ok) {
      const { folder, tag, digest } = parsed.reference
      return { kind: 'layout', text, folder, reference: { tag, digest } }
    }
    throw malformed(text, parsed.why)
  }
  const named = text.startsWith(REGISTRY) ? text.slice(REGISTRY.length) : text
  const parsed = parseOciReference(named.startsWith('//') ? named.slice('//'.length) : named)
  if (parsed.ok) return { kind: 'registry', text, reference: parsed.reference }
  throw malformed(text, parsed.why)
}

/** `user:password@` before a host. */
const LOGIN = /^((?:oci:)?(?:(?:[a-z]+:)?\/\/)?)[^/@]*@(?=[^/@]*\/)/

function malformed(text: string, why: string): AssayError {
  const shown = text.replace(LOGIN, '$1')
  const reason = shown === text ? why : 'it holds a login, which belongs into the files of docker login'
  return new AssayError(
    'usage',
    escapeTerminal(`${shown} names nothing: ${reason}`),
    'Write it as oci:HOST/PATH@sha256:…, oci:HOST/PATH:TAG or oci-layout:FOLDER:TAG.',
  )
}

/** Something to read from, and what of it is meant. */
export interface OpenArtifact {
  readonly source: OciSource
  readonly reference: Pick<OciReference, 'tag' | 'digest'>
}

/** Opens what is named. A folder asks nobody. Throws `input-unreadable` for a folder that cannot be read. */
export async function openArtifact(
  named: NamedArtifact,
  session: () => Promise<Session>,
  plainHttp: readonly string[] = [],
): Promise<OciRead<OpenArtifact>> {
  if (named.kind === 'registry') {
    const { reference } = named
    const source = openRegistry({
      desk: (await session()).desk,
      reference,
      plainHttp: plainHttp.some((host) => host.toLowerCase() === reference.registry) || undefined,
    })
    return { ok: true, value: { source, reference } }
  }
  const layout = await openLayout(openFolder(named.folder))
  if (!layout.ok) return layout
  const { tag, digest } = named.reference
  if (tag !== undefined || digest !== undefined) return { ok: true, value: { source: layout.value, reference: named.reference } }
  const only = await layout.value.only()
  return only.ok ? { ok: true, value: { source: layout.value, reference: only.value } } : only
}

import type { SourceProblem } from '../../model/configured-source.js'
import { decodeUtf8 } from '../../syntax/text.js'
import { hostSources, type NamedPlace } from '../host-sources.js'
import type { KnownSource, SourcesInput, SourcesReader } from '../sources.js'
import { parseZigManifest } from './manifest.js'
import type { ZigDependency } from './manifest-dependency.js'

const MAX_MANIFEST_BYTES = 8 * 1024 * 1024

/** Zig has no registry and no setting for mirrors: the URLs of the manifests are all there is (spec/zig.md §5). */
export const zigSources: SourcesReader = { read }

async function read({ tree, files, sources }: SourcesInput): Promise<readonly KnownSource[]> {
  const places: NamedPlace[] = []
  const unreadable: KnownSource[] = []
  for (const { path, format } of files) {
    if (format !== 'zig-zon') continue
    const bytes = await tree.read(path, MAX_MANIFEST_BYTES)
    const decoded = bytes.ok ? decodeUtf8(bytes.bytes) : undefined
    const manifest = decoded?.ok === true ? parseZigManifest(decoded.text, path).manifest : undefined
    if (manifest === undefined) unreadable.push(unreadableManifest(path))
    else for (const dependency of manifest.dependencies) places.push(...placesOf(dependency))
  }
  const heldBy =
    'zig has no mirrors: what this host does not serve cannot be built, and the hash in the manifest holds the files fast'
  return [...unreadable, ...hostSources(places, { ecosystem: 'zig', heldBy }, sources)]
}

function unreadableManifest(file: string): KnownSource {
  return {
    role: 'setting',
    name: file,
    from: { kind: 'file', location: { file, line: 1, column: 1 } },
    meaning: 'Nobody can tell where its dependencies come from.',
    problems: [
      { code: 'config-unreadable', weight: 'unreadable', why: 'it is no manifest that zig could read', fix: 'mend the file' },
    ],
    repeat: ['zig build --fetch'],
    probes: [],
  }
}

function placesOf({ key, from }: ZigDependency): readonly NamedPlace[] {
  if (from.kind !== 'url') return []
  const { url, credential } = from.reading
  if (url.kind === 'file' || url.kind === 'unsupported') return []
  const problems: SourceProblem[] = []
  // The reading has taken the credential out of the URL already.
  if (credential) problems.push(CREDENTIAL)
  if (from.hash === undefined) problems.push(UNCHECKED)
  if (url.kind === 'git' && url.commit === undefined) problems.push(MOVES)
  const isGit = url.kind === 'git'
  return [
    {
      name: key,
      url: isGit ? url.repository : url.url,
      kind: isGit ? 'repository' : 'archive',
      location: from.location,
      problems,
    },
  ]
}

const CREDENTIAL: SourceProblem = {
  code: 'credential-in-url',
  weight: 'unsafe',
  why: 'a password or token stands in the URL, in a file that everybody gets',
  fix: 'revoke it, and fetch from where none is needed',
}
const UNCHECKED: SourceProblem = {
  code: 'checks-off',
  weight: 'unsafe',
  why: 'without a hash nothing holds the files fast',
  fix: 'zig fetch --save with the same URL',
}
const MOVES: SourceProblem = {
  code: 'moving-reference',
  weight: 'advice',
  why: 'the URL names no commit: when the branch or tag moves, the build breaks at the hash',
  fix: 'name the full commit after #',
}

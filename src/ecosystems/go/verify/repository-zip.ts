import { baseName, folderOf } from '../../../model/tree.js'
import { decodeUtf8 } from '../../../syntax/text.js'
import type { CommitFile } from '../../commit-record.js'
import type { ModuleId } from '../build-list.js'
import { compareGoVersions, DEFAULT_GO } from '../go-version.js'
import { parseModFile } from '../parse-mod.js'
import { hash1, sha256 } from './dirhash.js'

/** Folders where version control keeps its own. */
const METADATA: ReadonlySet<string> = new Set(['.bzr', '.git', '.hg', '.svn'])

/**
 * The files that the go command would put into the zip of a module, from the commit it is in (spec/go.md §7.3), by their
 * path in the module. `folder` is the module's in the repository, `.` for the root.
 */
export function filesOfModule(commit: readonly CommitFile[], folder: string): ReadonlyMap<string, Uint8Array> {
  const prefix = folder === '.' ? '' : `${folder}/`
  const below = new Map<string, Uint8Array>()
  for (const { kind, path, bytes } of commit)
    if (kind === 'file' && path.startsWith(prefix)) below.set(path.slice(prefix.length), bytes)
  const go = languageOf(below.get('go.mod'))
  const nested = new Set([...below.keys()].filter((name) => /^go\.mod$/i.test(baseName(name))).map(folderOf))
  nested.delete('.')
  const files = new Map([...below].filter(([name]) => !isElsewhere(name, nested) && !isVendored(name, go)))
  files.delete('.hg_archival.txt')
  // A module below the root of its repository takes the licence of the root with it.
  const licence = commit.find(({ kind, path }) => kind === 'file' && path === 'LICENSE')
  if (licence !== undefined && !files.has('LICENSE')) files.set('LICENSE', licence.bytes)
  return files
}

/** The hash of the zip of these files; undefined when a name holds a line feed. */
export function hashOfModule(files: ReadonlyMap<string, Uint8Array>, { path, version }: ModuleId): string | undefined {
  return hash1([...files].map(([name, bytes]) => ({ name: `${path}@${version}/${name}`, sha256: sha256(bytes) })))
}

function languageOf(goMod: Uint8Array | undefined): string {
  const decoded = goMod === undefined ? undefined : decodeUtf8(goMod)
  return (decoded?.ok === true ? parseModFile(decoded.text, 'go.mod', 'lax').go?.value : undefined) ?? DEFAULT_GO
}

/** In a module of its own, or in what version control keeps. */
function isElsewhere(name: string, nested: ReadonlySet<string>): boolean {
  for (let at = folderOf(name); at !== '.'; at = folderOf(at)) if (nested.has(at) || METADATA.has(baseName(at))) return true
  return false
}

/**
 * Whether a file belongs to a vendored package. Below 1.24 a defect is kept alive, since hashes depend on it: for a folder
 * that is not at the root the text after the eighth byte of the whole name is looked at.
 */
export function isVendored(name: string, go: string): boolean {
  const fixed = compareGoVersions(go, '1.24') >= 0
  const mark = '/vendor/'
  if (name.startsWith('vendor/')) return name.indexOf('/', 'vendor/'.length) >= 0 || (fixed && name === 'vendor/modules.txt')
  const at = name.indexOf(mark)
  return at >= 0 && name.indexOf('/', fixed ? at + mark.length : mark.length) >= 0
}

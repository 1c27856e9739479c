import type { Location } from '../../model/location.js'
import { joinPath } from '../../model/tree.js'
import { decodeUtf8, SourceText } from '../../syntax/text.js'
import type { ZigPackage } from './packages.js'

/** The build.zig of a package that is at hand: zig compiles and runs it. */
export interface BuildScript {
  readonly location: Location
  /** Libraries of the system that its text links by a literal name. */
  readonly systemLibraries: readonly SystemLibrary[]
}

interface SystemLibrary {
  readonly name: string
  readonly location: Location
}

const MAX_SCRIPT_BYTES = 4 * 1024 * 1024
const MAX_LIBRARIES = 1000
const MAX_LINE = 1000
const LINK = /\blinkSystemLibrary2?\(\s*"([^"\\\n]{1,200})"/g

/** Reads the build script of a package; undefined where it is not at hand or has none. */
export async function readBuildScript(package_: ZigPackage): Promise<BuildScript | undefined> {
  const { files } = package_
  if (files === undefined) return undefined
  const file = joinPath(files.folder, 'build.zig')
  if ((await files.tree.stat(file))?.kind !== 'file') return undefined
  const script = { location: files.inTree ? { file, line: 1, column: 1 } : package_.anchor, systemLibraries: [] }
  // The libraries of a fetched package are its author's to declare.
  if (!package_.firstParty) return script
  const read = await files.tree.read(file, MAX_SCRIPT_BYTES)
  const decoded = read.ok ? decodeUtf8(read.bytes) : undefined
  return decoded?.ok === true ? { ...script, systemLibraries: findSystemLibraries(decoded.text, file) } : script
}

/** A search in the text, not a reading of the program: names that are computed are not found (spec/zig.md §10). */
function findSystemLibraries(text: string, file: string): readonly SystemLibrary[] {
  const source = new SourceText(file, text)
  const found = new Map<string, SystemLibrary>()
  for (const match of text.matchAll(LINK)) {
    const [, name = ''] = match
    const location = source.locate(match.index, match.index + match[0].length)
    // As far back as a line is long that a person writes: one line may be the whole file.
    const before = text.slice(Math.max(match.index - Math.min(location.column - 1, MAX_LINE), 0), match.index)
    if (before.includes('//') || found.has(name)) continue
    found.set(name, { name, location })
    if (found.size >= MAX_LIBRARIES) break
  }
  return [...found.values()]
}

import type { Location } from '../../model/location.js'
import type { SourceTree } from '../../model/tree.js'
import { baseName, joinPath } from '../../model/tree.js'
import { decodeUtf8, SourceText } from '../../syntax/text.js'

/** A setting of the go command that a tracked file makes (spec/go.md §8.4). */
export interface TrackedSetting {
  readonly name: string
  /** As written, quotes taken off. */
  readonly value: string
  readonly location: Location
}

/** Files and folders, at the root and beside a go.mod, that build systems take environment variables from. */
const FILES: ReadonlySet<string> = new Set([
  '.env',
  '.envrc',
  '.gitlab-ci.yml',
  '.gitlab-ci.yaml',
  '.travis.yml',
  '.drone.yml',
  '.woodpecker.yml',
  '.cirrus.yml',
  '.promu.yml',
  'azure-pipelines.yml',
  'appveyor.yml',
  'bitbucket-pipelines.yml',
  'cloudbuild.yaml',
  'docker-compose.yml',
  'compose.yaml',
  'go.env',
  'GNUmakefile',
  'Jenkinsfile',
  'Makefile',
  'makefile',
  'Taskfile.yml',
  'Taskfile.yaml',
])
const FOLDERS = ['.github/workflows', '.circleci', '.buildkite', '.gitea/workflows', '.forgejo/workflows', '.woodpecker']
const CONTAINER_FILE = /^(?:Dockerfile|Containerfile)(?:\..+)?$|\.(?:Dockerfile|dockerfile)$/
const MAX_FILES = 500
const MAX_BYTES = 1024 * 1024
const MAX_LINE = 8192

const NAMES = 'GOPROXY|GOSUMDB|GONOSUMDB|GONOPROXY|GOPRIVATE|GOINSECURE|GOFLAGS|GOVCS'
/** `NAME=value`, `NAME: value`, `NAME := value`, or `ENV NAME value`. */
const SETTING = new RegExp(
  `(?<![\\w$])(${NAMES})["']?(?:[ \\t]{0,8}[:?]?=|:(?=[ \\t])|(?<=ENV[ \\t]{1,8}[A-Z]{5,12})(?=[ \\t]))[ \\t]{0,8}`,
  'g',
)

/** Every setting of the go command in the build files of a repository, in the order of files and lines. */
export async function findSettings(tree: SourceTree, folders: readonly string[]): Promise<readonly TrackedSetting[]> {
  const paths = new Set<string>()
  for (const folder of new Set(['.', ...folders])) {
    for (const entry of await tree.list(folder)) {
      const name = baseName(entry.path)
      if (entry.kind === 'file' && (FILES.has(name) || CONTAINER_FILE.test(name))) paths.add(entry.path)
    }
  }
  for (const folder of FOLDERS) {
    for (const entry of await tree.list(folder)) if (entry.kind === 'file') paths.add(joinPath(folder, baseName(entry.path)))
  }
  const found: TrackedSetting[] = []
  for (const path of [...paths].sort().slice(0, MAX_FILES)) {
    const read = await tree.read(path, MAX_BYTES)
    const decoded = read.ok ? decodeUtf8(read.bytes) : undefined
    if (decoded?.ok === true) found.push(...settingsIn(decoded.text, path))
  }
  return found
}

/**
 * The settings in one file. Comments are passed over, and so are values that something else fills in, and lines longer
 * than anybody writes.
 */
export function settingsIn(text: string, file: string): readonly TrackedSetting[] {
  const source = new SourceText(file, text)
  const found: TrackedSetting[] = []
  for (const [i, lineStart] of source.lineStarts.entries()) {
    const end = source.lineStarts[i + 1] ?? text.length
    if (end - lineStart > MAX_LINE) continue
    const line = text.slice(lineStart, end).trimEnd()
    if (/^[ \t]*(?:#|\/\/)/.test(line)) continue
    for (const match of line.matchAll(SETTING)) {
      const start = match.index + match[0].length
      const value = settingValue(line.slice(start), match[1] === 'GOFLAGS')
      if (/\$[({A-Za-z]/.test(value)) continue
      const location = source.locate(lineStart + match.index, lineStart + start + value.length)
      found.push({ name: match[1] ?? '', value, location })
    }
  }
  return found
}

/** Up to the closing quote, or to a blank; lists have none, and unquoted flags go on to the first word that is none. */
function settingValue(rest: string, isFlags: boolean): string {
  const quote = rest.charAt(0)
  if (quote === '"' || quote === "'") {
    const end = rest.indexOf(quote, 1)
    return rest.slice(1, end < 0 ? undefined : end)
  }
  if (isFlags) {
    const words = rest.split(/[ \t]+/)
    const end = words.findIndex((word) => !word.startsWith('-'))
    return words
      .slice(0, end < 0 ? undefined : end)
      .join(' ')
      .replace(/["';)]+$/, '')
  }
  return /^[^\s"'`;)\]}\\]*/.exec(rest)?.[0] ?? ''
}

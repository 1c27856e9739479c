import { SourceText } from '../../syntax/text.js'
import type { Field } from './json-fields.js'

/** One entry of a `.gitmodules`. */
export interface Submodule {
  readonly path: string
  readonly url: Field
  readonly branch: string | undefined
}

/** Reads `.gitmodules`, as far as path, URL and branch go; lines that are something else are passed over. */
export function parseSubmodules(text: string, file: string): readonly Submodule[] {
  const source = new SourceText(file, text)
  const found: Submodule[] = []
  let path: string | undefined
  let url: Field | undefined
  let branch: string | undefined
  const close = (): void => {
    if (path !== undefined && url !== undefined) found.push({ path, url, branch })
    path = undefined
    url = undefined
    branch = undefined
  }
  for (let number = 1; number <= source.lineStarts.length; number++) {
    const line = source.line(number)
    if (/^\s*\[/.test(line)) close()
    const equals = line.indexOf('=')
    if (equals < 0) continue
    const value = line.slice(equals + 1).trim()
    const start = (source.lineStarts[number - 1] ?? 0) + line.indexOf(value, equals + 1)
    switch (line.slice(0, equals).trim().toLowerCase()) {
      case 'path':
        path = value
        break
      case 'url':
        url = { text: value, location: source.locate(start, start + value.length) }
        break
      case 'branch':
        branch = value
        break
    }
  }
  close()
  return found
}

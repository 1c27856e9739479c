/** One `[PackageList]` of nimble.ini. */
export interface IniList {
  readonly name: string
  readonly urls: readonly string[]
  readonly path: string | undefined
  readonly line: number
}

export interface NimbleIni {
  readonly lists: readonly IniList[]
  readonly httpProxy: { readonly value: string; readonly line: number } | undefined
}

const MAX_LISTS = 100

/** Reads the parts of nimble.ini that say where lists come from (spec/nimble.md §6). Never throws; passes over the rest. */
export function readNimbleIni(text: string): NimbleIni {
  const lists: { name: string; urls: string[]; path: string | undefined; line: number }[] = []
  let httpProxy: NimbleIni['httpProxy']
  let section = ''
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
    if (line.startsWith('[')) {
      section = line
        .slice(1, line.includes(']') ? line.indexOf(']') : undefined)
        .trim()
        .toLowerCase()
      if (section === 'packagelist' && lists.length < MAX_LISTS) lists.push({ name: '', urls: [], path: undefined, line: i + 1 })
      continue
    }
    const mark = line.search(/[=:]/)
    if (mark < 0) continue
    const key = line.slice(0, mark).trim().toLowerCase().replaceAll('_', '')
    const value = unquoted(line.slice(mark + 1).trim())
    const list = lists.at(-1)
    if (section === 'packagelist' && list !== undefined) {
      if (key === 'name') list.name = value
      else if (key === 'url' && value !== '') list.urls.push(value)
      else if (key === 'path' && value !== '') list.path = value
    } else if (section === '' && key === 'httpproxy' && value !== '') httpProxy = { value, line: i + 1 }
  }
  return { lists, httpProxy }
}

function unquoted(text: string): string {
  return /^(?:r|R)?"(.*)"$/s.exec(text)?.[1] ?? text
}

import type { Source } from '../model/source.js'

/** Characters that no name, version or URL in a document may hold: C0 and C1 controls, DEL, line separators and lone surrogates. */
const FORBIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** Nearly every text is; one look is cheaper than the search. */
const PLAIN = /^[\u0020-\u007e]*$/

/** A stranger's text with every such character written out, so that a reader sees it and no parser stumbles. */
export function clean(text: string): string {
  if (PLAIN.test(text)) return text
  return text.replace(FORBIDDEN, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The same for a text of several lines, which keeps its line feeds and tabs. */
export function cleanLines(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => line.split('\t').map(clean).join('\t'))
    .join('\n')
}

/** The same for prose: line breaks and runs of blanks are one blank. */
export function cleanProse(text: string): string {
  return clean(text.replace(/\s+/g, ' ').trim())
}

export function isClean(text: string): boolean {
  return PLAIN.test(text) || text.search(FORBIDDEN) < 0
}

/** `user@host:path`, the short form of git and scp. */
const SCP = /^[^/@:\s]+@([^/@:\s]+):(?!\/\/)(\S+)$/

/** A URL without user info, query and fragment, where secrets live; undefined when it is none that a document should hold. */
export function publicUrl(url: string): string | undefined {
  const scp = SCP.exec(url)
  const full = scp === null ? url : `ssh://${scp[1]}/${scp[2]}`
  if (!URL.canParse(full)) return undefined
  const parsed = new URL(full)
  parsed.username = ''
  parsed.password = ''
  parsed.search = ''
  parsed.hash = ''
  return parsed.href
}

/** Schemes of a version-control URL that mean the same on every machine. */
const REMOTE = /^(?:https?|ssh|git|svn|svn\+ssh|ftps?):\/\/[^/]/

/** The public form of a version-control URL; undefined for a local path and whatever else only one machine understands. */
export function publicRepository(url: string): string | undefined {
  const found = publicUrl(url)
  return found !== undefined && REMOTE.test(found) ? found : undefined
}

/** The public form of a URL of the web; undefined for any other. */
export function webUrl(url: string | undefined): string | undefined {
  const found = url === undefined ? undefined : publicUrl(url)
  return found !== undefined && /^https?:\/\/./.test(found) ? found : undefined
}

/** What `publicUrl` takes away from the URL of a source, for a person; undefined when it is whole. */
export function withheldPart(source: Source): string | undefined {
  if (source.kind === 'path' || source.kind === 'toolchain' || source.kind === 'unknown') return undefined
  if (!/[@?]/.test(source.url)) return undefined
  if (SCP.test(source.url)) return 'user name'
  if (!URL.canParse(source.url)) return 'the whole URL'
  const { username, password, search } = new URL(source.url)
  const parts = [username !== '' || password !== '' ? 'user name or password' : '', search === '' ? '' : 'query']
  return parts.filter((part) => part !== '').join(' and ') || undefined
}

/** A source as a document may show it: without user info and query in its URL. What cannot be cut safely is withheld. */
export function publicSource(source: Source): Source {
  switch (source.kind) {
    case 'registry':
    case 'git':
    case 'vcs':
    case 'archive':
      return { ...source, url: publicUrl(source.url) ?? (/[@?]/.test(source.url) ? 'withheld' : source.url) }
    case 'path':
    case 'toolchain':
    case 'unknown':
      return source
  }
}

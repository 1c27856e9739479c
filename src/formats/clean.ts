/** Characters that no name, version or URL in a document may hold: C0 and C1 controls, DEL and lone surrogates. */
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** A stranger's text with every such character written out, so that a reader sees it and no parser stumbles. */
export function clean(text: string): string {
  return text.replace(FORBIDDEN, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

export function isClean(text: string): boolean {
  return text.search(FORBIDDEN) < 0
}

/** A URL without user info and query, where secrets live; undefined when it is none that a document should hold. */
export function publicUrl(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined
  const parsed = new URL(url)
  parsed.username = ''
  parsed.password = ''
  parsed.search = ''
  parsed.hash = ''
  return parsed.href
}

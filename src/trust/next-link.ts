/** Link values in a header, each `<URI>; name=value; …` (RFC 8288 §3); more than that is no list of pages. */
const MAX_LINKS = 20

/** The address of the next page of a list, as the `Link` header of this one has it; undefined when this is the last. */
export function nextLink(link: string | undefined): string | undefined {
  let at = 0
  for (let links = 0; link !== undefined && links < MAX_LINKS; links += 1) {
    const open = link.indexOf('<', at)
    const close = link.indexOf('>', open + 1)
    if (open < 0 || close < 0) return undefined
    const end = indexOutsideQuotes(link, ',', close + 1)
    if (hasRelation(link.slice(close + 1, end))) return link.slice(open + 1, close)
    at = end
  }
  return undefined
}

/** Where a character is next, or the end. */
function indexOutsideQuotes(text: string, wanted: string, from: number): number {
  let inQuotes = false
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\' && inQuotes) at += 1
    else if (text[at] === '"') inQuotes = !inQuotes
    else if (text[at] === wanted && !inQuotes) return at
  }
  return text.length
}

function hasRelation(parameters: string): boolean {
  for (let at = 0; at < parameters.length; ) {
    const end = indexOutsideQuotes(parameters, ';', at)
    const [name = '', value = ''] = parameters.slice(at, end).toLowerCase().split('=', 2)
    if (name.trim() === 'rel' && value.replaceAll('"', '').trim().split(/\s+/).includes('next')) return true
    at = end + 1
  }
  return false
}

/** Link values in a header, each `<URI>; name=value; …` (RFC 8288 §3); more than that is no list of pages. */
const MAX_LINKS = 20

/** The URL of the next page of a list, as the `Link` header of this one says it; undefined when this is the last. */
export function nextPage(link: string | undefined): string | undefined {
  let at = 0
  for (let links = 0; link !== undefined && links < MAX_LINKS; links += 1) {
    const open = link.indexOf('<', at)
    const close = link.indexOf('>', open + 1)
    if (open < 0 || close < 0) return undefined
    const end = endOfParameters(link, close + 1)
    if (hasRelation(link.slice(close + 1, end))) return link.slice(open + 1, close)
    at = end
  }
  return undefined
}

/** Where the parameters of a link end: at a comma outside of quotes. */
function endOfParameters(text: string, from: number): number {
  let inQuotes = false
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\' && inQuotes) at += 1
    else if (text[at] === '"') inQuotes = !inQuotes
    else if (text[at] === ',' && !inQuotes) return at
  }
  return text.length
}

function hasRelation(parameters: string): boolean {
  return parameters.split(';').some((parameter) => {
    const [name = '', value = ''] = parameter.split('=', 2).map((part) => part.trim().toLowerCase())
    return name === 'rel' && value.replaceAll('"', '').split(/\s+/).includes('next')
  })
}

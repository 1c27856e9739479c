export interface TreeItem {
  /** Six octal digits. */
  readonly mode: string
  readonly name: Uint8Array
  readonly id: string
}

export type ReadTree =
  | { readonly ok: true; readonly items: readonly TreeItem[] }
  /** What a sound repository cannot hold, and what would lead a writer of files out of his folder. */
  | { readonly ok: false; readonly why: string }

const SLASH = 0x2f

/** Reads a tree object: `mode SP name NUL id`, again and again, in git's order of names. */
export function readTree(bytes: Uint8Array, idBytes: 20 | 32): ReadTree {
  const items: TreeItem[] = []
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let before: TreeItem | undefined
  for (let at = 0; at < whole.length; ) {
    const space = whole.indexOf(0x20, at)
    const nul = space < 0 ? -1 : whole.indexOf(0, space)
    if (nul < 0 || nul + 1 + idBytes > whole.length) return { ok: false, why: 'the tree is cut off' }
    const written = space - at > 6 ? '' : whole.subarray(at, space).toString('latin1')
    if (!/^[0-7]{5,6}$/.test(written)) return { ok: false, why: 'a mode is no mode' }
    const name = whole.subarray(space + 1, nul)
    const wrong = wrongName(name)
    if (wrong !== undefined) return { ok: false, why: wrong }
    const item: TreeItem = {
      mode: written.padStart(6, '0'),
      name,
      id: whole.subarray(nul + 1, nul + 1 + idBytes).toString('hex'),
    }
    if (before !== undefined && compare(before, item) >= 0) return { ok: false, why: 'names are doubled or out of order' }
    items.push(item)
    before = item
    at = nul + 1 + idBytes
  }
  return { ok: true, items }
}

function wrongName(name: Buffer): string | undefined {
  if (name.length === 0) return 'a name is empty'
  if (name.includes(SLASH)) return 'a name holds a slash'
  const text = name.toString('latin1')
  return text === '.' || text === '..' || /^\.git$/i.test(text) ? `a name is ${text}` : undefined
}

/** The order of trees: by bytes, a folder as if a slash followed its name. So that whole paths come out in byte order. */
function compare(a: TreeItem, b: TreeItem): number {
  const common = Math.min(a.name.length, b.name.length)
  const order = Buffer.compare(a.name.subarray(0, common), b.name.subarray(0, common))
  if (order !== 0) return order
  // The same name twice, a file and a folder, compares unequal by the rule.
  if (a.name.length === b.name.length) return 0
  return (a.name[common] ?? end(a)) - (b.name[common] ?? end(b))
}

function end(item: TreeItem): number {
  return isFolder(item) ? SLASH : 0
}

export function isFolder(item: TreeItem): boolean {
  return item.mode === '040000'
}

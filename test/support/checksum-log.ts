import { createHash, generateKeyPairSync, sign } from 'node:crypto'

export interface LoggedModule {
  readonly path: string
  readonly version: string
  /** Lines of go.sum. */
  readonly sum: string
}

export interface MadeLog {
  /** For GOSUMDB. */
  readonly key: string
  /** By path below the database. */
  readonly files: ReadonlyMap<string, string | Buffer>
}

const hash = (...parts: readonly (Buffer | string)[]): Buffer => {
  const sum = createHash('sha256')
  for (const part of parts) sum.update(part)
  return sum.digest()
}

/** RFC 6962 §2.1. */
function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 1) return leaves[0] ?? Buffer.alloc(0)
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return hash(Buffer.from([1]), rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)))
}

/**
 * A small checksum database (spec/go.md §9) with one record for each module, at most 255. Each look-up shows the head of the
 * time when its record was new, so that a client meets as many heads as there are records.
 */
export function makeLog(name: string, modules: readonly LoggedModule[]): MadeLog {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
  const keyBytes = Buffer.concat([Buffer.from([1]), raw])
  const keyHash = hash(`${name}\n`, keyBytes).subarray(0, 4)
  const leaves = modules.map(({ sum }) => hash(Buffer.from([0]), sum))
  const head = (size: number): string => {
    const text = `go.sum database tree\n${size}\n${rootOf(leaves.slice(0, size)).toString('base64')}\n`
    const signature = Buffer.concat([keyHash, sign(null, Buffer.from(text), privateKey)])
    return `${text}\n\u2014 ${name} ${signature.toString('base64')}\n`
  }
  const files = new Map<string, string | Buffer>([
    ['/supported', ''],
    ['/latest', head(leaves.length)],
  ])
  modules.forEach(({ path, version, sum }, i) => {
    files.set(`/lookup/${path}@${version}`, `${i}\n${sum}\n${head(i + 1)}`)
    files.set(`/tile/8/0/000.p/${i + 1}`, Buffer.concat(leaves.slice(0, i + 1)))
  })
  return { key: `${name}+${keyHash.toString('hex')}+${keyBytes.toString('base64')}`, files }
}

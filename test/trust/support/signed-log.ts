import type { KeyObject } from 'node:crypto'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { leafHash, nodeHash } from '../../../src/trust/merkle.js'

/** A key that signs notes, fresh for each test run. */
export interface NoteKey {
  readonly name: string
  readonly verifierKey: string
  readonly sign: (text: string) => string
}

export function makeNoteKey(name: string): NoteKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const keyBytes = Buffer.concat([Buffer.of(1), rawKey(publicKey)])
  const hash = createHash('sha256').update(`${name}\n`).update(keyBytes).digest().subarray(0, 4)
  return {
    name,
    verifierKey: `${name}+${hash.toString('hex')}+${keyBytes.toString('base64')}`,
    sign: (text) => `${text}\n— ${name} ${Buffer.concat([hash, sign(null, Buffer.from(text), privateKey)]).toString('base64')}\n`,
  }
}

function rawKey(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url')
}

/** Root by the definition of RFC 6962 §2.1, recursively: an independent second form of what merkle.ts does. */
export function rootByDefinition(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves
  if (only === undefined) return createHash('sha256').digest()
  if (leaves.length === 1) return only
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return nodeHash(rootByDefinition(leaves.slice(0, k)), rootByDefinition(leaves.slice(k)))
}

export interface LoggedModule {
  readonly path: string
  readonly version: string
  readonly record: string
}

export function loggedModule(path: string, version: string, seed = `${path}@${version}`): LoggedModule {
  const h1 = (what: string): string => `h1:${createHash('sha256').update(`${what} ${seed}`).digest('base64')}`
  return { path, version, record: `${path} ${version} ${h1('zip')}\n${path} ${version}/go.mod ${h1('mod')}\n` }
}

export function signHead(key: NoteKey, modules: readonly LoggedModule[], moreText = ''): string {
  const root = rootByDefinition(modules.map((module) => leafHash(Buffer.from(module.record))))
  return key.sign(`go.sum database tree\n${modules.length}\n${Buffer.from(root).toString('base64')}\n${moreText}`)
}

const FULL = 256

/** Every path a server of this log answers, with its bytes: look-ups of lower-case paths, and all full and partial tiles. */
export function serveLog(key: NoteKey, modules: readonly LoggedModule[], head = signHead(key, modules)): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  for (const [id, module] of modules.entries()) {
    files.set(`lookup/${module.path}@${module.version}`, Buffer.from(`${id}\n${module.record}\n${head}`))
  }
  let row = modules.map((module) => leafHash(Buffer.from(module.record)))
  for (let level = 0; row.length > 0; level += 1) {
    for (let at = 0; at < row.length; at += FULL) {
      const tile = row.slice(at, at + FULL)
      const name = `tile/8/${level}/${String(at / FULL).padStart(3, '0')}`
      if (tile.length === FULL) files.set(name, Buffer.concat(tile))
      else
        for (let width = 1; width <= tile.length; width += 1) files.set(`${name}.p/${width}`, Buffer.concat(tile.slice(0, width)))
    }
    row = Array.from({ length: Math.floor(row.length / FULL) }, (_, at) =>
      rootByDefinition(row.slice(at * FULL, (at + 1) * FULL)),
    )
  }
  return files
}

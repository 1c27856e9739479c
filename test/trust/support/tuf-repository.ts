import { createHash } from 'node:crypto'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp } from '@tufjs/models'
import { initializeTUFRepo, tufHandlers } from '@tufjs/repo-mock'
import { KeyPair } from '@tufjs/repo-mock/dist/key.js'

const TARGET = 'trusted_root.json'
const LATER = '2040-01-01T00:00:00Z'

export interface RepositoryState {
  /** Of timestamp, snapshot and targets. */
  readonly version?: number
  readonly expires?: { readonly timestamp?: string; readonly snapshot?: string; readonly targets?: string }
  readonly name?: string
}

/** A real TUF repository on loopback, whose states and faults a test chooses. */
export class TufRepository {
  readonly requests: string[] = []
  #keys = new KeyPair()
  #rootVersion = 1
  #files = new Map<string, Buffer>()
  #server: Server | undefined

  constructor(content: string, state: RepositoryState = {}) {
    this.publish(content, state)
  }

  /** As `@tufjs/repo-mock` itself makes one. */
  static ofMock(content: string): { readonly repository: TufRepository; readonly root: Uint8Array } {
    const mock = initializeTUFRepo([{ name: TARGET, content }])
    const repository = new TufRepository(content)
    repository.#files.clear()
    for (const { path, fn } of tufHandlers(mock, { metadataPathPrefix: '' })) {
      const { statusCode, response } = fn()
      if (statusCode === 200) repository.#files.set(path, Buffer.from(response))
    }
    return { repository, root: Buffer.from(JSON.stringify(mock.rootMeta.toJSON())) }
  }

  /** The root.json that a client starts from. */
  get root(): Uint8Array {
    return this.#files.get('/1.root.json') ?? Buffer.alloc(0)
  }

  publish(content: string, { version = 1, expires = {}, name = TARGET }: RepositoryState = {}): void {
    const sign = (data: Buffer): ReturnType<KeyPair['sign']> => this.#keys.sign(data)
    const bytes = Buffer.from(content)
    const common = { version, specVersion: '1.0.0' }
    const targets = new Metadata(new Targets({ ...common, expires: expires.targets ?? LATER }))
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    targets.signed.addTarget(new TargetFile({ length: bytes.length, path: name, hashes: { sha256 } }))
    targets.sign(sign)
    const metaOf = (metadata: { toJSON(): unknown }): MetaFile => {
      const text = Buffer.from(JSON.stringify(metadata.toJSON()))
      return new MetaFile({ version, length: text.length, hashes: { sha256: createHash('sha256').update(text).digest('hex') } })
    }
    const snapshot = new Metadata(
      new Snapshot({ ...common, expires: expires.snapshot ?? LATER, meta: { 'targets.json': metaOf(targets) } }),
    )
    snapshot.sign(sign)
    const timestamp = new Metadata(
      new Timestamp({ ...common, expires: expires.timestamp ?? LATER, snapshotMeta: metaOf(snapshot) }),
    )
    timestamp.sign(sign)
    if (!this.#files.has('/1.root.json')) this.#putRoot(1, this.#keys, [this.#keys], LATER)
    this.#put('/timestamp.json', timestamp)
    this.#put('/snapshot.json', snapshot)
    this.#put('/targets.json', targets)
    this.#files.set(`/targets/${name}`, bytes)
  }

  /** Hands the repository over to new keys, by a root that the old and the new ones sign. */
  rotate(expires = LATER): void {
    const before = this.#keys
    this.#keys = new KeyPair()
    this.#rootVersion += 1
    this.#putRoot(this.#rootVersion, this.#keys, [before, this.#keys], expires)
  }

  #putRoot(version: number, keys: KeyPair, signers: readonly KeyPair[], expires: string): void {
    const root = new Metadata(new Root({ version, specVersion: '1.0.0', expires, consistentSnapshot: false }))
    for (const role of ['root', 'snapshot', 'targets', 'timestamp']) root.signed.addKey(keys.publicKey, role)
    for (const signer of signers) root.sign((data) => signer.sign(data), true)
    this.#put(`/${version}.root.json`, root)
  }

  #put(path: string, metadata: { toJSON(): unknown }): void {
    this.#files.set(path, Buffer.from(JSON.stringify(metadata.toJSON())))
  }

  /** Changes what is served, as whoever runs or stands before the mirror can. */
  tamper(path: string, change: (text: string) => string): void {
    this.#files.set(path, Buffer.from(change((this.#files.get(path) ?? Buffer.alloc(0)).toString())))
  }

  async start(): Promise<string> {
    const server = createServer((request, response) => {
      const path = request.url ?? ''
      this.requests.push(path)
      const file = this.#files.get(path)
      response.writeHead(file === undefined ? 404 : 200).end(file)
    })
    this.#server = server
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
}

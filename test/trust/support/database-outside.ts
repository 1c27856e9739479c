import type { ForkProof } from '../../../src/trust/go-checksum-database/outcome.js'
import type { DatabaseOutside, RemoteAnswer } from '../../../src/trust/go-checksum-database/outside.js'

/** The world of a checksum-database client in memory: a server's files, a cache, a stored head, and counters. */
export class MemoryOutside implements DatabaseOutside {
  readonly asked: string[] = []
  readonly alarms: ForkProof[] = []
  readonly cache = new Map<string, Uint8Array>()
  down = false
  /** Runs before each swap of the head: another process may act here. */
  beforeReplace: () => void = () => undefined

  constructor(
    public server: (path: string) => Uint8Array | undefined,
    public head: Uint8Array | undefined = undefined,
  ) {}

  async readRemote(path: string): Promise<RemoteAnswer> {
    this.asked.push(path)
    if (this.down) return { kind: 'unavailable', why: 'connection refused' }
    const bytes = this.server(path)
    return bytes === undefined ? { kind: 'not-found', why: '404 Not Found' } : { kind: 'found', bytes }
  }

  async readHead(): Promise<Uint8Array | undefined> {
    return this.head
  }

  async replaceHead(previous: Uint8Array | undefined, next: Uint8Array): Promise<boolean> {
    this.beforeReplace()
    const same =
      previous === undefined ? this.head === undefined : this.head !== undefined && Buffer.compare(previous, this.head) === 0
    if (same) this.head = next
    return same
  }

  async readCache(path: string): Promise<Uint8Array | undefined> {
    return this.cache.get(path)
  }

  async writeCache(path: string, bytes: Uint8Array): Promise<void> {
    this.cache.set(path, bytes)
  }

  async securityAlarm(proof: ForkProof): Promise<void> {
    this.alarms.push(proof)
  }
}

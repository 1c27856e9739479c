import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { makeTar } from './make-tar.js'

export interface MadeCrate {
  readonly name: string
  readonly version: string
  readonly bytes: Buffer
  readonly checksum: string
  readonly row: string
}

/** A crate as cargo packages it: a library, and what it depends on. */
export function makeCrate(name: string, version: string, lib: string, deps: Readonly<Record<string, string>> = {}): MadeCrate {
  const needs = Object.entries(deps).map(([dep, req]) => `\n[dependencies.${dep}]\nversion = "${req}"\n`)
  const manifest = `[package]\nname = "${name}"\nversion = "${version}"\nedition = "2021"\n${needs.join('')}`
  const root = `${name}-${version}`
  const tar = makeTar([
    { name: `${root}/Cargo.toml`, body: manifest },
    { name: `${root}/src/lib.rs`, body: lib },
  ])
  const bytes = gzipSync(tar)
  const checksum = createHash('sha256').update(bytes).digest('hex')
  const rows = Object.entries(deps).map(([dep, req]) => ({
    ...{ name: dep, req, features: [], optional: false, default_features: true, target: null, kind: 'normal' },
  }))
  const row = JSON.stringify({ name, vers: version, deps: rows, cksum: checksum, features: {}, yanked: false })
  return { name, version, bytes, checksum, row }
}

/** How a version was published, as the API of crates.io has it. */
export interface MadePublication {
  readonly version: string
  readonly createdAt?: string
  readonly checksum?: string
  /** `owner/name` on GitHub and the commit, by trusted publishing; null: with a token. */
  readonly trusted: { readonly repository: string; readonly sha?: string } | null
}

/** What the API answers when it is asked for a crate. */
export function apiDocument(name: string, publications: readonly MadePublication[], trustedOnly = false): string {
  const versions = publications.map(({ version, createdAt, checksum, trusted }) => ({
    ...{ id: 1, crate: name, num: version, yanked: false, created_at: createdAt, checksum },
    published_by: trusted === null ? { id: 1, login: 'someone', name: null } : null,
    trustpub_data: trusted === null ? null : { provider: 'github', run_id: '1', ...trusted },
  }))
  return JSON.stringify({ crate: { id: name, name, trustpub_only: trustedOnly }, versions, keywords: null, categories: null })
}

/** Where the API is asked for a crate. */
export const apiPath = (name: string): string => `/api/v1/crates/${name}?include=versions`

export interface CrateRegistry {
  readonly url: string
  /** Paths asked for, in order. */
  asked: string[]
  /** By path; what is set here is answered in place of what the registry has, a number as status, `never` not at all. */
  readonly instead: Map<string, Buffer | string | number>
  close(): Promise<void>
}

function indexPath(name: string): string {
  return name.length > 3 ? `/${name.slice(0, 2)}/${name.slice(2, 4)}/${name}` : `/${name.length}/${name.slice(0, 1)}/${name}`
}

/** A sparse registry on loopback; with an API where there are documents for it, by crate. */
export async function serveCrates(
  crates: readonly MadeCrate[],
  documents: Readonly<Record<string, string>> = {},
): Promise<CrateRegistry> {
  const files = new Map<string, Buffer | string>()
  for (const { name, version, bytes, row } of crates) {
    files.set(indexPath(name), `${files.get(indexPath(name)) ?? ''}${row}\n`)
    files.set(`/dl/${name}/${version}`, bytes)
  }
  for (const [name, document] of Object.entries(documents)) files.set(apiPath(name), document)
  const registry = { asked: [] as string[], instead: new Map<string, Buffer | string | number>() }
  const server: Server = createServer((request, response) => {
    const path = request.url ?? ''
    registry.asked.push(path)
    const body = registry.instead.get(path) ?? files.get(path) ?? 404
    if (body === 'never') return
    if (typeof body === 'number') response.writeHead(body).end()
    else response.end(body)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  files.set(
    '/config.json',
    JSON.stringify({ dl: `${url}/dl/{crate}/{version}`, api: Object.keys(documents).length === 0 ? null : url }),
  )
  return Object.assign(registry, {
    url,
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  })
}

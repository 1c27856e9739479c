import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { OCI_INDEX } from '../../../../../src/trust/oci/manifest.js'

export interface Wish {
  /** Has the referrers API. Default true. */
  readonly api?: boolean
  /** Answers `OCI-Subject`. Default true. */
  readonly statesSubject?: boolean
  /** Referrers on a page. Default: all. */
  readonly pageSize?: number
  /** What the `Link` header to a next page says. */
  readonly link?: (path: string) => string | string[]
  readonly filters?: boolean
  /** Refuses a write whose `If-Match` does not fit. */
  readonly honoursIfMatch?: boolean
  /** Where uploads go. */
  readonly location?: (upload: string, origin: string) => string
  /** Called before a tag is written. */
  readonly onTag?: (self: OwnRegistry, tag: string) => void
}

export interface OwnRegistry {
  readonly host: string
  readonly origin: string
  /** By tag or digest. */
  readonly manifests: Map<string, { readonly type: string; readonly bytes: Buffer }>
  readonly blobs: Map<string, Buffer>
  /** `METHOD path`. */
  readonly seen: string[]
}

/** A small registry with what docker-registry 2.8 has not: the referrers API, pages, conditions. One repository, no bounds. */
export async function ownRegistry(wish: Wish = {}): Promise<OwnRegistry> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { status, headers, body } = answer(self, wish, request, Buffer.concat(chunks))
      response.writeHead(status, headers)
      response.end(request.method === 'HEAD' ? undefined : body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const self: OwnRegistry = { host, origin: `http://${host}`, manifests: new Map(), blobs: new Map(), seen: [] }
  return self
}

interface Reply {
  readonly status: number
  readonly headers: Record<string, string | string[]>
  readonly body: Uint8Array | string
}

const sha256 = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

const reply = (status: number, headers: Record<string, string | string[]> = {}, body: Uint8Array | string = ''): Reply => ({
  status,
  headers,
  body,
})

const none = (code: string): Reply => reply(404, { 'content-type': 'application/json' }, JSON.stringify({ errors: [{ code }] }))

function answer(self: OwnRegistry, wish: Wish, request: IncomingMessage, body: Buffer): Reply {
  const { method = 'GET', url = '/' } = request
  self.seen.push(`${method} ${url}`)
  const { pathname, searchParams } = new URL(url, self.origin)
  const [, kind = '', name = ''] = /^\/v2\/acme\/app\/(manifests|blobs\/uploads|blobs|referrers)\/(.*)$/.exec(pathname) ?? []
  switch (`${method} ${kind}`) {
    case 'HEAD blobs':
    case 'GET blobs': {
      const blob = self.blobs.get(name)
      return blob === undefined ? none('BLOB_UNKNOWN') : reply(200, { 'content-length': String(blob.length) }, blob)
    }
    case 'POST blobs/uploads':
      return reply(202, { location: (wish.location ?? ((upload) => upload))('/v2/acme/app/blobs/uploads/7', self.origin) })
    case 'PUT blobs/uploads': {
      const digest = searchParams.get('digest') ?? ''
      if (sha256(body) !== digest) return reply(400)
      self.blobs.set(digest, body)
      return reply(201)
    }
    case 'GET manifests': {
      const held = self.manifests.get(name)
      if (held === undefined) return none('MANIFEST_UNKNOWN')
      const digest = sha256(held.bytes)
      return reply(200, { 'content-type': held.type, 'docker-content-digest': digest, etag: `"${digest}"` }, held.bytes)
    }
    case 'PUT manifests':
      return putManifest(self, wish, name, request, body)
    case 'GET referrers':
      return wish.api === false
        ? reply(404, { 'content-type': 'text/plain' }, '404 page not found')
        : referrers(self, wish, name, searchParams)
  }
  return reply(404)
}

function putManifest(self: OwnRegistry, wish: Wish, name: string, { headers }: IncomingMessage, body: Buffer): Reply {
  if (!name.includes(':')) wish.onTag?.(self, name)
  const before = self.manifests.get(name)
  const condition = headers['if-match']
  const fits = condition === undefined || before === undefined || condition === `"${sha256(before.bytes)}"`
  if (wish.honoursIfMatch === true && !fits) return reply(412)
  const held = { type: headers['content-type'] ?? '', bytes: body }
  self.manifests.set(name, held)
  self.manifests.set(sha256(body), held)
  const subject = subjectOf(body)
  const states = (wish.statesSubject ?? true) && subject !== undefined
  return reply(201, { 'docker-content-digest': sha256(body), ...(states ? { 'oci-subject': subject } : {}) })
}

function referrers(
  { manifests }: OwnRegistry,
  { pageSize = 1000, link, filters }: Wish,
  subject: string,
  query: URLSearchParams,
): Reply {
  const all = [...manifests].flatMap(([name, { type, bytes }]) => {
    const { artifactType, annotations } = JSON.parse(bytes.toString()) as { artifactType?: string; annotations?: object }
    return name.includes(':') && subjectOf(bytes) === subject
      ? [{ mediaType: type, digest: name, size: bytes.length, artifactType, annotations }]
      : []
  })
  const from = Number(query.get('nextToken') ?? 0)
  const page = all.slice(from, from + pageSize)
  const next = `/v2/acme/app/referrers/${subject}?nextToken=${from + pageSize}`
  return reply(
    200,
    {
      'content-type': OCI_INDEX,
      ...(from + pageSize < all.length ? { link: (link ?? ((path) => `<${path}>; rel="next"`))(next) } : {}),
      ...(filters === true ? { 'oci-filters-applied': 'artifactType' } : {}),
    },
    JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: page }),
  )
}

function subjectOf(bytes: Buffer): string | undefined {
  return (JSON.parse(bytes.toString()) as { subject?: { digest: string } }).subject?.digest
}

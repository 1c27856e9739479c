import { createPrivateKey, sign, X509Certificate } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { AUTHORITY, LOCALHOST } from '../../../../evidence/http/support/certificates.js'
import type { TokenAuth } from './docker-registry.js'

export interface TokenServer {
  /** For the registry that shall believe it. */
  readonly auth: TokenAuth
  /** Who asked for what: `user scope`. */
  readonly asked: string[]
}

/** Which actions somebody gets; `user` is undefined without a login. */
export type Grants = (user: string | undefined, repository: string, actions: readonly string[]) => readonly string[]

/** Gives JSON web tokens as docker-registry checks them: signed by a key whose certificate the registry knows. */
export async function tokenServer(grants: Grants): Promise<TokenServer> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => {
      text += String(chunk)
    })
    request.on('end', () => {
      const url = new URL(request.url ?? '', 'http://tokens')
      const form = new URLSearchParams(text)
      const user = userOf(request, form)
      const scopes = request.method === 'POST' ? (form.get('scope') ?? '').split(' ') : url.searchParams.getAll('scope')
      asked.push(`${user ?? 'nobody'} ${scopes.join(' ')}`)
      if (user === 'wrong') response.writeHead(401).end()
      else response.end(JSON.stringify({ token: token(user, scopes, grants), expires_in: 300 }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    auth: { realm: `http://127.0.0.1:${port}/token`, service: 'a registry', issuer: 'tests', certificate: AUTHORITY.cert },
    asked,
  }
}

function userOf({ headers: { authorization } }: IncomingMessage, form: URLSearchParams): string | undefined {
  if (form.get('refresh_token') !== null) return `token:${form.get('refresh_token')}`
  if (authorization === undefined) return undefined
  return Buffer.from(authorization.slice('Basic '.length), 'base64').toString().split(':')[0]
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function token(user: string | undefined, scopes: readonly string[], grants: Grants): string {
  const now = Math.floor(Date.now() / 1000)
  const access = scopes.map((scope) => {
    const [type = '', name = '', actions = ''] = scope.split(':')
    return { type, name, actions: grants(user, name, actions.split(',')) }
  })
  const header = { typ: 'JWT', alg: 'ES256', x5c: [new X509Certificate(LOCALHOST.cert).raw.toString('base64')] }
  const claims = {
    iss: 'tests',
    sub: user ?? '',
    aud: 'a registry',
    exp: now + 300,
    nbf: now - 10,
    iat: now,
    jti: String(Math.random()),
    access,
  }
  const signed = `${encoded(header)}.${encoded(claims)}`
  const signature = sign('sha256', Buffer.from(signed), { key: createPrivateKey(LOCALHOST.key), dsaEncoding: 'ieee-p1363' })
  return `${signed}.${signature.toString('base64url')}`
}

import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fulcioHandler } from '@sigstore/mock'
import type { LoggedEntry, SigstoreInstance } from './sigstore-instance.js'

/** One request that a service got. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly authorization?: string | undefined
  readonly body: string
}

export interface Answered {
  readonly status: number
  readonly type?: string
  readonly body: string | Uint8Array
  readonly location?: string
}

export interface SigstoreServices {
  readonly url: string
  readonly asked: readonly Asked[]
  /** Answers instead of the service while it is set; undefined for one request lets it through. */
  sabotage: ((asked: Asked, served: () => Promise<Answered>) => Answered | undefined | Promise<Answered | undefined>) | undefined
  /** What GitHub's token server hands out. */
  token: string
  close(): Promise<void>
}

/** Claims of a token of a release build on GitHub, as Fulcio reads them. */
export const TOKEN_CLAIMS: Readonly<Record<string, string>> = {
  iss: 'https://token.actions.githubusercontent.com',
  aud: 'sigstore',
  sub: 'https://github.com/Acme/widget/.github/workflows/release.yml@refs/tags/v1.0.0',
  repository: 'Acme/widget',
  ref: 'refs/tags/v1.0.0',
  sha: '0123456789abcdef0123456789abcdef01234567',
  event_name: 'push',
  runner_environment: 'github-hosted',
  repository_visibility: 'public',
  job_workflow_ref: 'Acme/widget/.github/workflows/release.yml@refs/tags/v1.0.0',
  workflow_ref: 'Acme/widget/.github/workflows/release.yml@refs/tags/v1.0.0',
  repository_id: '1001',
  repository_owner_id: '2002',
}

/** An unsigned token: the mock authority verifies none. */
export function identityToken(claims: object = TOKEN_CLAIMS): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none', kid: 'a-key-of-the-test' })}.${part(claims)}.${Buffer.from('no signature at all').toString('base64url')}`
}

/**
 * The services of an instance on one loopback server: Fulcio, logs of both generations, a timestamp authority, and the token
 * server of a job on GitHub. The mock's own log echoes what is proposed, so entries are made here (spec/trust.md §6.3).
 */
export async function serveSigstore(instance: SigstoreInstance): Promise<SigstoreServices> {
  const asked: Asked[] = []
  const fulcio = fulcioHandler(instance.ca, { subjectClaim: 'sub' })
  const answer = async (request: Asked): Promise<Answered> =>
    (await services.sabotage?.(request, () => serve(request))) ?? serve(request)
  const serve = async (request: Asked): Promise<Answered> => {
    const [path = ''] = request.path.split('?')
    switch (path) {
      case '/api/v2/signingCert': {
        const { statusCode, response, contentType } = await fulcio.fn(request.body)
        return { status: statusCode, type: contentType ?? 'text/plain', body: String(response) }
      }
      case '/api/v1/log/entries':
        return json(201, await instance.tlog.log(loggedV1(JSON.parse(request.body))))
      case '/api/v2/log/entries':
        return json(201, await entryV2(instance, JSON.parse(request.body)))
      case '/api/v1/timestamp': {
        const { artifactHash } = JSON.parse(request.body)
        const token = await instance.timestamp(Buffer.from(artifactHash, 'base64'))
        return { status: 201, type: 'application/timestamp-reply', body: Buffer.from(token, 'base64') }
      }
      case '/token':
        return json(200, { value: services.token, count: 1 })
      default:
        return { status: 404, body: 'not here' }
    }
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const one = { method, path: url, authorization: headers.authorization, body: Buffer.concat(chunks).toString('utf8') }
      asked.push(one)
      answer(one).then(
        ({ status, type = 'text/plain', body, location }) =>
          response.writeHead(status, { 'content-type': type, ...(location === undefined ? {} : { location }) }).end(body),
        (error: unknown) => response.writeHead(500).end(String(error)),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  const services: SigstoreServices = {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    sabotage: undefined,
    token: identityToken(),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
  return services
}

function json(status: number, value: object): Answered {
  return { status, type: 'application/json', body: JSON.stringify(value) }
}

/** What a log of the first generation stores for a proposed entry. */
function loggedV1(proposed: { kind: string; spec: { proposedContent?: { envelope: string; verifiers: string[] } } }): object {
  const content = proposed.spec.proposedContent
  if (proposed.kind !== 'dsse' || content === undefined) return proposed
  const envelope: { payload: string; signatures: { sig: string }[] } = JSON.parse(content.envelope)
  const sha256 = (bytes: string | Buffer): object => ({
    algorithm: 'sha256',
    value: createHash('sha256').update(bytes).digest('hex'),
  })
  return {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      envelopeHash: sha256(content.envelope),
      payloadHash: sha256(Buffer.from(envelope.payload, 'base64')),
      signatures: [{ signature: envelope.signatures[0]?.sig, verifier: content.verifiers[0] }],
    },
  }
}

interface RequestV2 {
  readonly hashedRekordRequestV002?: { readonly digest: string; readonly signature: object }
  readonly dsseRequestV002?: {
    readonly envelope: { readonly payload: string; readonly signatures: readonly { readonly sig: string }[] }
    readonly verifiers: readonly object[]
  }
}

/** The answer of a log of the second generation: a proof in a tree of one, and no time. */
async function entryV2(instance: SigstoreInstance, request: RequestV2): Promise<object> {
  const { hashedRekordRequestV002: message, dsseRequestV002: dsse } = request
  const kind = message === undefined ? 'dsse' : 'hashedrekord'
  const spec =
    message === undefined
      ? {
          dsseV002: {
            payloadHash: {
              algorithm: 'SHA2_256',
              digest: createHash('sha256')
                .update(Buffer.from(dsse?.envelope.payload ?? '', 'base64'))
                .digest('base64'),
            },
            signatures: [{ content: dsse?.envelope.signatures[0]?.sig, verifier: dsse?.verifiers[0] }],
          },
        }
      : { hashedRekordV002: { data: { algorithm: 'SHA2_256', digest: message.digest }, signature: message.signature } }
  const [logged]: LoggedEntry[] = Object.values(
    JSON.parse(JSON.stringify(await instance.tlog.log({ apiVersion: '0.0.2', kind, spec }))),
  )
  if (logged === undefined) throw new Error('the mock log logged nothing')
  const { rootHash, checkpoint } = logged.verification.inclusionProof
  return {
    logIndex: '0',
    logId: { keyId: Buffer.from(logged.logID, 'hex').toString('base64') },
    kindVersion: { kind, version: '0.0.2' },
    integratedTime: '0',
    inclusionProof: {
      logIndex: '0',
      treeSize: '1',
      hashes: [],
      rootHash: Buffer.from(rootHash, 'hex').toString('base64'),
      checkpoint: { envelope: checkpoint },
    },
    canonicalizedBody: logged.body,
  }
}

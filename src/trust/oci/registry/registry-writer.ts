import type { HttpClient } from '../../../evidence/http/http-client.js'
import type { SendOutcome, SendReply, SendRequest } from '../../../evidence/http/send.js'
import type { OciReference } from '../reference.js'
import type { OciFailure } from '../source.js'
import { type RepositoryAddress, repositoryAddress } from './address.js'

interface RegistryWriterOptions {
  /** What is written is asked past the desk: a replay writes nothing. */
  readonly http: Pick<HttpClient, 'send'>
  readonly reference: Pick<OciReference, 'registry' | 'repository'>
  /** As for reading. */
  readonly plainHttp?: boolean | undefined
  /** Default: as long as it says. */
  readonly sleep?: ((ms: number) => Promise<void>) | undefined
  /** Milliseconds, of any beginning. */
  readonly now?: (() => number) | undefined
  /** Between 0 and 1, so that two who write do not meet again. */
  readonly random?: (() => number) | undefined
}

/** One repository of a registry, to be written to. */
export interface RegistryWriter {
  readonly address: RepositoryAddress
  /** `path` below the repository, or an address that the registry gave. */
  send(request: WriteRequest): Promise<SendOutcome>
  /** Waits somewhat longer than `ms`. */
  pause(ms: number): Promise<void>
  now(): number
}

interface WriteRequest extends Omit<SendRequest, 'url' | 'from' | 'access'> {
  readonly to: { readonly path: string } | { readonly location: string }
}

/** Opens a repository for writing; nothing is sent yet. */
export function openRegistryWriter(options: RegistryWriterOptions): RegistryWriter {
  const { http, reference, plainHttp, sleep = sleepFor, random = Math.random, now = () => performance.now() } = options
  const address = repositoryAddress(reference, plainHttp)
  const { repository, origin } = address
  return {
    address,
    send: ({ to, ...request }) =>
      http.send({
        ...request,
        ...('path' in to ? { url: `${origin}/v2/${repository}/${to.path}` } : { url: to.location, from: new URL(origin) }),
        access: { repository, action: 'push' },
      }),
    now,
    pause: (ms) => sleep(ms + Math.round(random() * ms)),
  }
}

/** What did not go as it should, in words. */
export function notWritten(outcome: SendOutcome, what: string, registry: string): { ok: false } & OciFailure {
  if (outcome.kind === 'unavailable') return { ok: false, kind: 'unavailable', why: `${what}: ${outcome.why}` }
  const { status, said } = outcome
  const advice = status === 401 || status === 403 ? '; log in as somebody who may push there (docker login)' : ''
  const words = said === undefined ? '' : `: ${said}`
  return { ok: false, kind: 'unavailable', why: `${what}: ${registry} refuses it (status ${status}${words})${advice}` }
}

/** An answer with one of these statuses. */
export function isStatus<Status extends number>(
  outcome: SendOutcome,
  ...statuses: readonly Status[]
): outcome is SendReply & { readonly status: Status } {
  return outcome.kind === 'reply' && statuses.some((status) => status === outcome.status)
}

function sleepFor(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

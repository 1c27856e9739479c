import { onTestFinished } from 'vitest'
import type { Desk } from '../../../../../src/evidence/desk/desk.js'
import { openDesk } from '../../../../../src/evidence/desk/open-desk.js'
import { createHttpClient } from '../../../../../src/evidence/http/client.js'
import type { HttpClient, HttpClientOptions } from '../../../../../src/evidence/http/http-client.js'
import { basicAuthorization } from '../../../../../src/evidence/http/secret.js'
import type { Pack } from '../../../../../src/evidence/pack/pack.js'
import { readPack } from '../../../../../src/evidence/pack/read-pack.js'
import type { RegistryLogin } from '../../../../../src/evidence/registry/docker-config.js'
import { registryAuthenticator } from '../../../../../src/evidence/registry/registry-authenticator.js'
import type { Store } from '../../../../../src/evidence/store/store.js'
import type { Descriptor } from '../../../../../src/trust/oci/manifest.js'
import { OCI_MANIFEST } from '../../../../../src/trust/oci/manifest.js'
import { type Content, contentOf, EMPTY } from '../../../../../src/trust/oci/registry/artifact-manifest.js'
import { openRegistry } from '../../../../../src/trust/oci/registry/open-registry.js'
import { pushBlob, putManifest } from '../../../../../src/trust/oci/registry/push.js'
import { openRegistryWriter, type RegistryWriter } from '../../../../../src/trust/oci/registry/registry-writer.js'
import type { OciRead, OciSource } from '../../../../../src/trust/oci/source.js'
import { HandClock } from '../../../../evidence/desk/support/source.js'
import { packOf } from '../../../../evidence/pack/support/used.js'
import { ALICE } from './docker-registry.js'

export const REPOSITORY = 'acme/app'

export interface RunOptions {
  /** What is found for a host and repository. */
  readonly login?: (host: string, repository: string) => RegistryLogin | undefined
  readonly store?: Store | undefined
  readonly clock?: HandClock | undefined
  readonly client?: HttpClientOptions | undefined
}

/** The login of `dockerRegistry('htpasswd')`, for every host. */
export function alice(): (host: string, repository: string) => RegistryLogin | undefined {
  return () => ({ kind: 'basic', authorization: basicAuthorization(ALICE.user, ALICE.password) })
}

export function client({ login = () => undefined, clock = new HandClock(), client: options = {} }: RunOptions = {}): HttpClient {
  const made = createHttpClient({
    retry: { attempts: 1 },
    giveUp: { urls: 1000 },
    registries: () =>
      Promise.resolve(registryAuthenticator({ find: (host, of) => Promise.resolve(login(host, of)) }, () => clock.now())),
    ...options,
  })
  onTestFinished(() => made.close())
  return made
}

export function desk(options: RunOptions = {}): Desk {
  const { store, clock = new HandClock() } = options
  return openDesk({ offline: false, http: () => client(options), store, clock })
}

export function reading(host: string, from: Desk = desk()): OciSource {
  return openRegistry({ desk: from, reference: { registry: host, repository: REPOSITORY } })
}

/** What a run was told, as a pack gives it back to an offline one. */
export function replayOf(run: Desk): { readonly desk: Desk; readonly pack: Buffer } {
  const pack = packOf(run.used())
  return { desk: openDesk({ offline: true, pack: packFrom(pack), clock: new HandClock() }), pack }
}

function packFrom(bytes: Uint8Array): Pack {
  const read = readPack(bytes)
  if (!read.ok) throw new Error(read.problem.why)
  return read.pack
}

export function writing(host: string, options: RunOptions & { readonly http?: HttpClient } = {}): RegistryWriter {
  return openRegistryWriter({ http: options.http ?? client(options), reference: { registry: host, repository: REPOSITORY } })
}

export function got<T>(read: OciRead<T>): T {
  if (!read.ok) throw new Error(`${read.kind}: ${read.why}`)
  return read.value
}

/** A manifest with one layer. */
export function image(layer: string): { readonly manifest: Content; readonly layer: Content } {
  const content = contentOf(Buffer.from(layer), 'application/vnd.oci.image.layer.v1.tar')
  const document = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: 'application/vnd.acme.app',
    config: json(EMPTY.descriptor),
    layers: [json(content.descriptor)],
  }
  return { manifest: contentOf(Buffer.from(JSON.stringify(document)), OCI_MANIFEST), layer: content }
}

export function json({ mediaType, digest, size }: Descriptor): object {
  return { mediaType, digest: `${digest.algorithm}:${digest.hex}`, size }
}

/** Pushes an image; under a tag, too, where one is given. */
export async function pushImage(writer: RegistryWriter, layer: string, tag?: string): Promise<ReturnType<typeof image>> {
  const made = image(layer)
  for (const blob of [EMPTY, made.layer]) got(await pushBlob(writer, blob))
  for (const under of [undefined, ...(tag === undefined ? [] : [tag])]) {
    const put = await putManifest(writer, made.manifest, under === undefined ? {} : { tag: under })
    if (put === 'changed-meanwhile') throw new Error('refused')
    got(put)
  }
  return made
}

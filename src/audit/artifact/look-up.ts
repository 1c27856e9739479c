import { basename } from 'node:path'
import type { Desk } from '../../evidence/desk/desk.js'
import { systemClock } from '../../evidence/http/clock.js'
import type { GithubInstance } from '../../evidence/http/github-environment.js'
import { openFolder } from '../../evidence/open-input.js'
import type { SessionOptions } from '../../evidence/session.js'
import { openSession } from '../../evidence/session.js'
import type { ArtifactLookup } from '../../model/artifact-report.js'
import type { Digest } from '../../model/digest.js'
import { AssayError } from '../../model/error.js'
import { DEFAULT_CONFIG } from '../../policy/config.js'
import { askSources } from '../../trust/lookup/ask-sources.js'
import { folderSource } from '../../trust/lookup/folder.js'
import { githubSource } from '../../trust/lookup/github-source.js'
import { recordedSource } from '../../trust/lookup/recorded-source.js'
import type { LookupAnswer, LookupSource } from '../../trust/lookup/source.js'
import { templateSource } from '../../trust/lookup/template-source.js'
import { parseUrlTemplate } from '../../trust/lookup/url-template.js'
import { githubOf } from '../trust/github-instance.js'
import type { FoundSignature } from './found-signatures.js'
import { splitSignatures } from './found-signatures.js'

/** How a look-up for one file may ask. */
export type LookupAsking = Pick<SessionOptions, 'offline' | 'pack' | 'packDigest' | 'store' | 'environment' | 'onNotice'>

export interface LookupRequest {
  /** Folders of attestations by digest, and URL templates (spec/trust.md §3.5). */
  readonly attestations: readonly string[]
  /** `https://github.com/owner/name`, whose attestations are asked for. */
  readonly repository: string | undefined
  readonly asking: LookupAsking
  /** Told everything that the run was told, before it is closed: what an evidence pack is made of. */
  readonly onUsed?: ((used: ReturnType<Desk['used']>) => void | Promise<void>) | undefined
}

export interface LookedUpSignatures {
  readonly signatures: readonly FoundSignature[]
  readonly lookups: readonly ArtifactLookup[]
  /** Each source that did not answer, or not in full. */
  readonly unknown: readonly { readonly source: string; readonly why: string }[]
}

/**
 * Asks everybody who was named for signatures of one file, by its digests. Throws `usage` for templates that are none,
 * `input-unreadable` for folders and packs that cannot be read.
 */
export async function lookUpSignatures(
  request: LookupRequest,
  artifact: { readonly file: string; readonly anchors: readonly Digest[] },
): Promise<LookedUpSignatures> {
  const session = await openSession({ ...request.asking, ...DEFAULT_CONFIG.verify })
  try {
    const sources = sourcesOf(request, session.desk)
    const name = basename(artifact.file)
    const subject = { name, file: name, anchors: artifact.anchors, sourceRepository: request.repository }
    const { answers, bundles, unknown } = await askSources(sources, subject)
    await request.onUsed?.(session.used())
    const signatures: FoundSignature[] = []
    const overfull: { source: string; why: string }[] = []
    for (const { from, bytes } of bundles) {
      const own = splitSignatures(from, bytes)
      if (own === 'too-many') overfull.push({ source: from, why: 'it holds more signatures than are read' })
      else signatures.push(...own)
    }
    return { signatures, lookups: answers.map(lookupOf), unknown: [...unknown, ...overfull] }
  } finally {
    await session.close()
  }
}

function lookupOf(answer: LookupAnswer): ArtifactLookup {
  const { kind, source } = answer
  const found = answer.kind === 'found' ? answer.bundles.length : 0
  return {
    source,
    answer: kind,
    found,
    why: answer.kind === 'found' ? answer.incomplete : 'why' in answer ? answer.why : undefined,
  }
}

/** In the order of spec/trust.md §3.5. */
function sourcesOf({ attestations, repository, asking }: LookupRequest, desk: Desk): LookupSource[] {
  const now = (): number => systemClock.now()
  const named = [...new Set(attestations)]
  const urls = named.filter((one) => /^[a-z]+:\/\//i.test(one))
  const folders = named.filter((one) => !urls.includes(one))
  return [
    ...folders.map((folder) => recordedSource(folderAt(folder), { desk, place: 'local', keep: 'run', now })),
    ...urls.map((url) => templateAt(url, desk)),
    ...(repository === undefined ? [] : [githubAt(githubOf(asking.environment), desk, now)]),
  ]
}

function folderAt(folder: string): LookupSource {
  try {
    return folderSource(openFolder(folder), folder)
  } catch (error) {
    if (!(error instanceof AssayError)) throw error
    const help = 'Name a folder as `gh attestation download` fills it, or a URL that begins with https://.'
    throw new AssayError(error.code, `the attestations cannot be read: ${error.message}`, help, { cause: error })
  }
}

function templateAt(url: string, desk: Desk): LookupSource {
  const parsed = parseUrlTemplate(url)
  if (parsed.ok) return templateSource(desk, parsed.template)
  throw new AssayError(
    'usage',
    `the URL of --attestations cannot be used: ${parsed.why}`,
    'E.g. https://attestations.example/{alg}/{digest}.jsonl',
  )
}

function githubAt({ api, host }: GithubInstance, desk: Desk, now: () => number): LookupSource {
  return recordedSource(githubSource({ desk, api, host }), { desk, place: 'remote', keep: 'hour', now })
}

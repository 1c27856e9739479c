import type { Desk } from '../../evidence/desk/desk.js'
import type { Keep } from '../../evidence/store/keep.js'
import { isFresh, timestamp } from '../../evidence/store/keep.js'
import { fieldOf, isJsonObject, parseStrictJson } from '../strict-json.js'
import { keyText, lookupKeys } from './lookup-key.js'
import type { FoundBundle, LookupAnswer, LookupSource, LookupSubject } from './source.js'

export interface RecordingOptions {
  readonly desk: Desk
  /**
   * `local`: asked in every run, also offline. `remote`: offline only what was recorded counts; online, an answer of an
   * earlier run counts as long as `keep` allows, which for "none" is never long.
   */
  readonly place: 'local' | 'remote'
  readonly keep: Keep
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/**
 * A source whose answers are remembered: with them in a pack, a replay is told the same, bundle for bundle. For sources that
 * the desk cannot record itself: folders, and lists with secrets in them.
 */
export function recordedSource(source: LookupSource, { desk, place, keep, now }: RecordingOptions): LookupSource {
  return {
    name: source.name,
    async ask(subject: LookupSubject): Promise<LookupAnswer> {
      const record = recordName(source.name, subject)
      const earlier = desk.offline || place === 'remote' ? await recallAnswer(desk, record, source.name) : undefined
      if (earlier !== undefined && (desk.offline || isUsable(earlier, keep, now()))) return earlier.answer
      if (desk.offline && place === 'remote') {
        return { kind: 'unknown', source: source.name, why: 'it was not asked: the run is offline, and no answer is at hand' }
      }
      const answer = withEarlier(await source.ask(subject), earlier?.answer)
      await rememberAnswer(desk, record, answer, timestamp(place === 'local' ? ANY_TIME : now()))
      return answer
    },
  }
}

/** What is asked in every run is of no time: the same answer is then the same record, and not written again. */
const ANY_TIME = 0

/** All that an answer depends on: who was asked, for which digests, in which repository. */
function recordName(source: string, { anchors, sourceRepository }: LookupSubject): string {
  return JSON.stringify(['attestations', source, sourceRepository ?? '', ...lookupKeys(anchors).map(keyText).sort()])
}

function bundleName(sha256: string): string {
  return `attestation sha256:${sha256}`
}

interface Earlier {
  readonly answer: LookupAnswer
  readonly at: string
}

/** What was once found does not go away because nobody answers today; whether there is more is not known. */
function withEarlier(answer: LookupAnswer, earlier: LookupAnswer | undefined): LookupAnswer {
  if (answer.kind !== 'unknown' || earlier?.kind !== 'found') return answer
  return { ...earlier, incomplete: `what an earlier run found could not be confirmed: ${answer.why}` }
}

/** What is unknown, or incomplete, is asked again. */
function isUsable({ answer, at }: Earlier, keep: Keep, now: number): boolean {
  if (answer.kind === 'found') return answer.incomplete === undefined && isFresh({ kind: 'ok', at }, keep, now)
  return answer.kind === 'none' && isFresh({ kind: 'absent', at }, keep, now)
}

async function rememberAnswer(desk: Desk, name: string, answer: LookupAnswer, at: string): Promise<void> {
  const bundles = answer.kind === 'found' ? answer.bundles : []
  for (const { sha256, bytes } of bundles) await desk.remember(bundleName(sha256), bytes)
  const record = {
    at,
    kind: answer.kind,
    why: 'why' in answer ? answer.why : undefined,
    bundles: answer.kind === 'found' ? bundles.map(({ from, sha256 }) => ({ from, sha256 })) : undefined,
    incomplete: answer.kind === 'found' ? answer.incomplete : undefined,
  }
  await desk.remember(name, Buffer.from(JSON.stringify(record)))
}

/** Undefined where nothing is recorded, or not all of it is left. */
async function recallAnswer(desk: Desk, name: string, source: string): Promise<Earlier | undefined> {
  const remembered = await desk.recall(name)
  const json = remembered === undefined ? undefined : parseStrictJson(remembered.bytes)
  if (json?.ok !== true || !isJsonObject(json.value)) return undefined
  const record = json.value
  const at = fieldOf(record, 'at')
  const why = fieldOf(record, 'why')
  if (typeof at !== 'string') return undefined
  switch (fieldOf(record, 'kind')) {
    case 'none':
      return { at, answer: { kind: 'none', source } }
    case 'unknown':
      return typeof why === 'string' ? { at, answer: { kind: 'unknown', source, why } } : undefined
    case 'not-applicable':
      return typeof why === 'string' ? { at, answer: { kind: 'not-applicable', source, why } } : undefined
    case 'found': {
      const bundles = await recallBundles(desk, fieldOf(record, 'bundles'))
      const incomplete = fieldOf(record, 'incomplete')
      if (bundles === undefined || (incomplete !== undefined && typeof incomplete !== 'string')) return undefined
      return { at, answer: { kind: 'found', source, bundles, incomplete } }
    }
  }
  return undefined
}

async function recallBundles(desk: Desk, list: unknown): Promise<FoundBundle[] | undefined> {
  if (!Array.isArray(list)) return undefined
  const bundles: FoundBundle[] = []
  for (const each of list) {
    const from = isJsonObject(each) ? fieldOf(each, 'from') : undefined
    const sha256 = isJsonObject(each) ? fieldOf(each, 'sha256') : undefined
    if (typeof from !== 'string' || typeof sha256 !== 'string') return undefined
    const remembered = await desk.recall(bundleName(sha256))
    if (remembered?.sha256 !== sha256) return undefined
    bundles.push({ from, sha256, bytes: remembered.bytes })
  }
  return bundles
}

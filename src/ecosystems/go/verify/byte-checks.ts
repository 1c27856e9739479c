import type { Component } from '../../../model/component.js'
import type { ModuleId } from '../build-list.js'
import { claimed, compared, type Piece, unanswered } from './checks.js'
import { goModHash } from './dirhash.js'
import { isSyntheticMod } from './mod-document.js'
import type { ProxyAnswer } from './module-proxies.js'
import type { ModuleZipProblem } from './module-zip.js'
import type { FetchedZip } from './zip-inspection.js'

const MAX_NAMED = 3

/** The module zip against go.sum, or failing that against the log (spec/go.md §7). */
export function zipBytesCheck(component: Component, zip: FetchedZip, logged: string | undefined): readonly Piece[] {
  const check = 'go/zip-bytes'
  if (zip.kind === 'none') return [unanswered(check, zip)]
  const { result, url, at, sha256: stored } = zip
  const base = { authority: { kind: 'artifact', name: url }, at, stored } as const
  const stated = claimed(component, 'go-h1')
  const expected = stated.length > 0 ? stated : logged === undefined ? [] : [logged]
  if (!result.ok) {
    const why = `it is no module zip that the go command takes: ${problemText(result.problems)}`
    return [{ check, verdict: 'mismatch', expected: expected[0], why, ...base }]
  }
  const observed = result.zip.h1.value
  if (expected.length === 0)
    return [{ check, verdict: 'not-checkable', observed, why: 'neither go.sum nor the log states what it should be', ...base }]
  return compared(
    { check, observed, why: stated.length > 0 ? undefined : 'go.sum has no hash of it; the log has', ...base },
    expected,
  )
}

function problemText(problems: readonly ModuleZipProblem[]): string {
  const named = problems
    .slice(0, MAX_NAMED)
    .map(({ entry, why }) => (entry === undefined ? why : `${JSON.stringify(entry)}: ${why}`))
  return `${named.join('; ')}${problems.length > MAX_NAMED ? '; and more' : ''}`
}

/** The go.mod that a proxy serves against go.sum, or failing that against the log. */
export function modBytesCheck(component: Component, mod: ProxyAnswer, logged: string | undefined): readonly Piece[] {
  const check = 'go/mod-bytes'
  if (mod.kind === 'none') return [unanswered(check, mod)]
  const { bytes, at, sha256: stored } = mod.answer
  const base = { authority: { kind: 'artifact', name: mod.url }, at, stored } as const
  const observed = goModHash(bytes).value
  const stated = claimed(component, 'go-mod-h1')
  const expected = stated.length > 0 ? stated : logged === undefined ? [] : [logged]
  if (expected.length === 0)
    return [{ check, verdict: 'not-checkable', observed, why: 'neither go.sum nor the log states what it should be', ...base }]
  return compared(
    { check, observed, why: stated.length > 0 ? undefined : 'go.sum has no hash of it; the log has', ...base },
    expected,
  )
}

/** The go.mod that versions are chosen by against the one that is built with: the go command never compares them (spec/go.md §8.1). */
export function modInZipCheck(module: ModuleId, mod: ProxyAnswer, zip: FetchedZip): readonly Piece[] {
  if (mod.kind === 'none' || zip.kind === 'none' || !zip.result.ok) return []
  const check = 'go/mod-in-zip'
  const base = { check, authority: { kind: 'artifact', name: zip.url }, at: zip.at, stored: zip.sha256 } as const
  const served = goModHash(mod.answer.bytes).value
  const { goMod } = zip.result.zip
  if (goMod !== undefined) {
    const why = 'the go.mod in the zip is not the one that proxies serve beside it'
    const pieces = compared({ ...base, observed: goModHash(goMod).value }, [served])
    return pieces.map((piece) => (piece.verdict === 'match' ? piece : { ...piece, why }))
  }
  return isSyntheticMod(mod.answer.bytes, module.path)
    ? [
        {
          ...base,
          verdict: 'match',
          expected: served,
          why: 'the zip has no go.mod, and the one that is served is the made-up one',
        },
      ]
    : [
        {
          ...base,
          verdict: 'mismatch',
          expected: served,
          why: 'the zip has no go.mod, and the one that is served states more than its path',
        },
      ]
}

import type { Authority } from '../../../model/evidence.js'
import type { NoAnswer } from '../../no-answer.js'
import type { ModuleId } from '../build-list.js'
import type { ModuleProxies } from './module-proxies.js'
import { type ModuleZip, type ModuleZipResult, readModuleZip } from './module-zip.js'

/** As large as the go command takes them (spec/go.md §7.4). */
const MAX_ZIP_BYTES = 500 * 1024 * 1024

export type FetchedZip =
  | {
      readonly kind: 'fetched'
      readonly result: ModuleZipResult
      readonly bytes: Uint8Array
      /** Of the file, which go.sum never states. */
      readonly sha256: string
      readonly at: string
      readonly url: string
    }
  | ({ readonly kind: 'none'; readonly authority?: Authority | undefined } & NoAnswer)

/** Fetches a module zip and hashes what is in it. One that breaks the rules, or that go.sum contradicts, is not kept for later runs. */
export async function fetchModuleZip(proxies: ModuleProxies, module: ModuleId, claimed: readonly string[]): Promise<FetchedZip> {
  const inspect = inspectionOf(module)
  const accepts = (bytes: Uint8Array): boolean => {
    const result = inspect(bytes)
    return result.ok && isClaimed(result.zip, claimed)
  }
  const { path, version } = module
  const asked = await proxies.ask(path, { version, kind: 'zip' }, { keep: 'for-ever', limitBytes: MAX_ZIP_BYTES, accepts })
  if (asked.kind === 'none') return asked
  const { bytes, sha256, at } = asked.answer
  return { kind: 'fetched', result: inspect(bytes), bytes, sha256, at, url: asked.url }
}

function isClaimed(zip: ModuleZip, claimed: readonly string[]): boolean {
  return claimed.length === 0 || claimed.includes(zip.h1.value)
}

/** Inflating and hashing is most of the work: the same bytes are looked at once. */
function inspectionOf({ path, version }: ModuleId): (bytes: Uint8Array) => ModuleZipResult {
  let last: { readonly bytes: Uint8Array; readonly result: ModuleZipResult } | undefined
  return (bytes) => {
    last = last?.bytes === bytes ? last : { bytes, result: readModuleZip(bytes, path, version) }
    return last.result
  }
}

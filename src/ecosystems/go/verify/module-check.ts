import type { Component } from '../../../model/component.js'
import type { Fact } from '../../../model/graph.js'
import { Turns } from '../../turns.js'
import type { VerifyInput } from '../../verifier.js'
import type { ModuleId } from '../build-list.js'
import { moduleKey } from '../build-list.js'
import { authorFacts } from './author-words.js'
import { modBytesCheck, modInZipCheck, zipBytesCheck } from './byte-checks.js'
import { claimed, type Piece, unanswered } from './checks.js'
import type { ChecksumLog } from './checksum-log.js'
import { type DirectModule, directModule, type Repositories } from './direct-tag.js'
import { goModHash } from './dirhash.js'
import { infoCheck, infoFacts, readInfo } from './info-check.js'
import { type LatestOutcome, LatestVersions } from './latest-version.js'
import { logChecks, loggedHash } from './log-checks.js'
import { MAX_MOD_BYTES } from './mod-document.js'
import type { ModuleProxies, ProxyAnswer } from './module-proxies.js'
import { directTagCheck, type VendorOutcome, vendorCheck, vendorFacts, zipFacts } from './source-checks.js'
import { compareVendored, type VendoredCopies } from './vendored-copies.js'
import { MAX_INFO_BYTES } from './version-info.js'
import { type FetchedZip, fetchModuleZip } from './zip-inspection.js'

/** Everything that was asked about one module, before the log is settled. */
export interface Gathered {
  readonly component: Component
  readonly module: ModuleId
  readonly latest: LatestOutcome
  readonly info: ProxyAnswer
  readonly mod: ProxyAnswer | undefined
  readonly zip: FetchedZip | undefined
  readonly vendored: VendorOutcome | undefined
  readonly direct: DirectModule | undefined
}

export interface Judged {
  readonly pieces: readonly Piece[]
  readonly facts: readonly Fact[]
}

/** Zips are large, and each is unpacked whole. */
const ZIPS_AT_A_TIME = 4

/** Asks whoever can say something of a module, and judges what they said. */
export class ModuleChecks {
  readonly #zips = new Turns(ZIPS_AT_A_TIME)
  readonly #latest: LatestVersions

  constructor(
    readonly input: VerifyInput,
    readonly proxies: ModuleProxies,
    readonly log: ChecksumLog,
    readonly copies: VendoredCopies,
    readonly repositories: Repositories,
  ) {
    this.#latest = new LatestVersions(proxies)
  }

  async gather(component: Component, module: ModuleId): Promise<Gathered> {
    const { depth } = this.input
    const { path, version } = module
    const [latest, info, mod, code] = await Promise.all([
      this.#latest.of(path),
      this.proxies.ask(path, { version, kind: 'info' }, { keep: 'day', limitBytes: MAX_INFO_BYTES }),
      depth.bytes ? this.#mod(component, module) : undefined,
      depth.bytes ? this.#zips.take(() => this.#code(component, module)) : undefined,
    ])
    const direct = depth.source ? await this.#direct(module, info) : undefined
    return { component, module, latest, info, mod, zip: code?.zip, vendored: code?.vendored, direct }
  }

  /** Ends after every look-up has ended. */
  async judge(gathered: Gathered): Promise<Judged> {
    const { component, module, latest, info, mod, zip, vendored, direct } = gathered
    const outcome = await this.log.settled(module)
    const logged = loggedHash(outcome, 'zipHash')
    const stated = claimed(component, 'go-h1')
    const vouched = stated.length > 0 ? stated : logged === undefined ? [] : [logged]
    return {
      pieces: [
        ...logChecks(component, outcome, this.log.authority),
        ...infoCheck(module, info),
        ...latestCheck(latest),
        ...(zip === undefined ? [] : zipBytesCheck(component, zip, logged)),
        ...(mod === undefined ? [] : modBytesCheck(component, mod, loggedHash(outcome, 'goModHash'))),
        ...(mod === undefined || zip === undefined ? [] : modInZipCheck(module, mod, zip)),
        ...(vendored === undefined ? [] : vendorCheck(vendored, vouched)),
        ...(direct === undefined ? [] : directTagCheck(direct, vouched)),
      ],
      facts: [
        ...authorFacts(component, module.version, latest),
        ...infoFacts(component, info),
        ...(zip === undefined ? [] : zipFacts(component, zip)),
        ...(vendored === undefined ? [] : vendorFacts(component, vendored, vouched)),
      ],
    }
  }

  #mod(component: Component, { path, version }: ModuleId): Promise<ProxyAnswer> {
    const stated = claimed(component, 'go-mod-h1')
    const accepts = (bytes: Uint8Array): boolean => stated.length === 0 || stated.includes(goModHash(bytes).value)
    return this.proxies.ask(path, { version, kind: 'mod' }, { keep: 'for-ever', limitBytes: MAX_MOD_BYTES, accepts })
  }

  /** What is not needed of a zip is let go with it: of thousands only the hashes are kept. */
  async #code(component: Component, module: ModuleId): Promise<{ zip: FetchedZip; vendored: VendorOutcome | undefined }> {
    const zip = await fetchModuleZip(this.proxies, module, claimed(component, 'go-h1'))
    const copies = this.copies.get(moduleKey(module)) ?? []
    if (copies.length === 0) return { zip: withoutBytes(zip), vendored: undefined }
    if (zip.kind === 'none') return { zip, vendored: { kind: 'none', none: zip } }
    const { result, url, at, sha256 } = zip
    if (!result.ok)
      return { zip: withoutBytes(zip), vendored: { kind: 'none', none: { verdict: 'not-checkable', why: NO_ZIP, at } } }
    const differences = []
    for (const copy of copies) differences.push(...(await compareVendored(copy, module, result.zip, zip.bytes, this.input.tree)))
    const files = copies.reduce((sum, copy) => sum + copy.files.length, 0)
    const vendored = { kind: 'compared', h1: result.zip.h1.value, url, at, sha256, files, differences } as const
    return { zip: withoutBytes(zip), vendored }
  }

  #direct(module: ModuleId, info: ProxyAnswer): Promise<DirectModule> {
    const read = readInfo(info)
    const { sources } = this.proxies
    const reason = (url: string): string | undefined => sources.reasonNotToAsk(module.path, url)
    return directModule(this.repositories, module, read?.ok === true ? read.info : undefined, reason)
  }
}

/** That no version is listed says nothing of the version in use: another check has asked for that. */
function latestCheck(latest: LatestOutcome): readonly Piece[] {
  if (latest.kind === 'known') return []
  return [unanswered('go/latest', latest.verdict === 'absent' ? { ...latest, verdict: 'not-checkable' } : latest)]
}

const NO_ZIP = 'what proxies serve is no module zip to compare it with'
const NOTHING = new Uint8Array(0)

function withoutBytes(zip: FetchedZip): FetchedZip {
  if (zip.kind === 'none') return zip
  const { result } = zip
  const kept = result.ok ? ({ ok: true, zip: { ...result.zip, files: [] } } as const) : result
  return { ...zip, result: kept, bytes: NOTHING }
}

import type { VerifyChoices } from '../audit/read-and-verify.js'
import { escapeTerminal } from '../model/escape.js'
import type { Context } from './declare.js'
import type { EvidenceOptions, VerifyingOptions } from './options.js'

/** What the options say about asking; undefined when nobody is asked and no pack answers. */
export function verifyChoices(
  options: EvidenceOptions & Partial<VerifyingOptions>,
  { terminal }: Context,
  network: boolean,
): VerifyChoices | undefined {
  const offline = !network || options.offline === true || (process.env['ASSAY_OFFLINE'] ?? '') !== ''
  if (offline && options.evidence === undefined) return undefined
  return {
    // A pack stands for everything that could be asked: with it nobody is.
    offline: offline || options.evidence !== undefined,
    pack: options.evidence,
    packDigest: options.evidenceDigest,
    store: options.store,
    depth: { bytes: options.bytes === true, source: options.source === true },
    environment: process.env,
    onNotice: (message) => terminal.warn(`assay: ${escapeTerminal(message)}`),
    onProgress: (ecosystem, done, of) => terminal.progress(`verifying ${ecosystem}: ${done} of ${of}`),
  }
}

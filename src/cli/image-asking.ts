import type { ImageOptions } from '../audit/verify-image.js'
import { escapeTerminal } from '../model/escape.js'
import type { Context } from './declare.js'
import type { ImageAskingOptions } from './options.js'

/** What the options say about asking a registry. Offline and without a pack, what is in one is not known. */
export function imageAsking(options: ImageAskingOptions, { terminal }: Context): ImageOptions['asking'] {
  const offline = options.offline === true || (process.env['ASSAY_OFFLINE'] ?? '') !== ''
  return {
    // A pack stands for everything that could be asked: with it nobody is.
    offline: offline || options.evidence !== undefined,
    pack: options.evidence,
    packDigest: options.evidenceDigest,
    store: options.store,
    environment: process.env,
    plainHttp: options.plainHttp,
    onNotice: (message) => terminal.warn(`assay: ${escapeTerminal(message)}`),
  }
}

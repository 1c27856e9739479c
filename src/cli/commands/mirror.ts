import { pathToFileURL } from 'node:url'
import type { Compared } from '../../audit/mirror-compare.js'
import type { FetchedItem, MirrorStored } from '../../audit/mirror-fetch.js'
import { componentLabel } from '../../model/component.js'
import { escapeTerminal } from '../../model/escape.js'
import type { Context } from '../declare.js'
import type { ExitCode } from '../exit-code.js'
import { EXIT } from '../exit-code.js'
import { openRequest } from '../input.js'
import type { MirrorCompareOptions, MirrorFetchOptions, MirrorOptions } from '../options.js'
import { warnAboutReading } from '../reading-report.js'

/** `assay mirror compare`: whether sources have what the lockfiles pin, and the same bytes. */
export async function runCompare(urls: readonly string[], options: MirrorCompareOptions, context: Context): Promise<ExitCode> {
  const { terminal } = context
  const { input, request } = await openRequest(options.lock, options, context)
  const { compareMirrors, DIVERGENCE } = await import('../../audit/mirror-compare.js')
  const compared = await compareMirrors(request, {
    ...choices(options, context),
    input,
    urls,
    bytes: options.bytes,
    onProgress: (done) => terminal.progress(`comparing: ${done}`),
  })
  const read = warnAboutReading(compared.graph, options.lock, terminal)
  const { counts } = compared
  if (options.json === true) {
    const { comparedDocument } = await import('../../audit/mirror-documents.js')
    await terminal.print([comparedDocument(compared)])
  } else if (!terminal.quiet) await terminal.print(comparedText(compared, DIVERGENCE, terminal.verbose))
  if (read !== EXIT.clean) return read
  if (counts.missing + counts.lagging + counts.different > 0) return EXIT.violations
  return counts.unavailable > 0 ? EXIT.unverified : EXIT.clean
}

function comparedText({ counts, differences }: Compared, rule: string, verbose: boolean): readonly string[] {
  const lines = differences
    .filter(({ kind }) => verbose || kind !== 'not-comparable')
    .map(({ kind, pinned, source, expected, observed, why }) => {
      const values = kind === 'different' ? `\n  expected ${expected ?? '-'}\n  observed ${observed ?? '-'}\n  ${rule}` : ''
      return escapeLines(`${kind}: ${pinned.ecosystem} ${componentLabel(pinned)} at ${source}: ${why ?? ''}${values}`)
    })
  const summary = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`)
  return [...lines, `${summary.join(', ')}\n`]
}

/** `assay mirror fetch`: a verified store that the package managers read. */
export async function runFetch(path: string, options: MirrorFetchOptions, context: Context): Promise<ExitCode> {
  const { terminal } = context
  const { input, request } = await openRequest(path, options, context)
  const { fetchMirror } = await import('../../audit/mirror-fetch.js')
  const stored = await fetchMirror(request, {
    ...choices(options, context),
    input,
    output: options.output,
    onProgress: (done, of) => terminal.progress(`fetching: ${done} of ${of}`),
  })
  const read = warnAboutReading(stored.graph, path, terminal)
  const failed = stored.items.filter(({ outcome }) => outcome.kind !== 'verified')
  for (const item of failed) terminal.warn(escapeTerminal(`assay: ${sentence(item)}`))
  if (options.json === true) {
    const { storedDocument } = await import('../../audit/mirror-documents.js')
    await terminal.print([storedDocument(stored)])
  } else if (!terminal.quiet) await terminal.print(storedText(stored))
  if (read !== EXIT.clean) return read
  if (failed.some(({ outcome }) => outcome.kind === 'refused')) return EXIT.violations
  return failed.length > 0 ? EXIT.unverified : EXIT.clean
}

function sentence({ pinned, outcome }: FetchedItem): string {
  const label = `${pinned.ecosystem} ${componentLabel(pinned)}`
  switch (outcome.kind) {
    case 'verified':
      return `${label}: stored`
    case 'refused':
      return `${label}: refused: ${outcome.why} (${outcome.source}: expected ${outcome.expected ?? '-'}, observed ${outcome.observed ?? '-'})`
    case 'unavailable':
      return `${label}: not fetched: ${outcome.source === undefined ? '' : `${outcome.source}: `}${outcome.why}`
    case 'not-covered':
      return `${label}: not covered: ${outcome.why}`
  }
}

function storedText({ folder, files, bytes, kept, items, guides }: MirrorStored): readonly string[] {
  const verified = items.filter(({ outcome }) => outcome.kind === 'verified').length
  return [
    `${verified} of ${items.length} packages are in ${folder}: ${files} files, ${bytes} bytes; ${kept} files were there already\n`,
    ...guides.flatMap(({ title, lines }) => [`\n${title}\n`, ...lines.map((line) => `  ${placed(line, folder)}\n`)]),
  ]
}

/** The lines of a guide with the folder in place of `DIR`; in a URL as URLs have it. */
function placed(line: string, folder: string): string {
  return line.replaceAll('file://DIR', pathToFileURL(folder).href).replace(/\bDIR\b/g, () => folder)
}

function escapeLines(text: string): string {
  return `${text.split('\n').map(escapeTerminal).join('\n')}\n`
}

function choices(options: MirrorOptions, { terminal }: Context) {
  return {
    config: options.config,
    offline: options.offline === true || (process.env['ASSAY_OFFLINE'] ?? '') !== '',
    store: options.store,
    environment: process.env,
    onNotice: (message: string) => terminal.warn(`assay: ${escapeTerminal(message)}`),
  }
}

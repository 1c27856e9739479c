import type { Guide } from '../ecosystems/mirror.js'
import { componentLabel } from '../model/component.js'
import { escapeTerminal } from '../model/escape.js'
import type { FetchedItem } from './mirror-fetch.js'

/** `README.txt` of a store: what it is, how each tool is told to use it, and what is not in it. */
export function storeReadme(guides: readonly Guide[], items: readonly FetchedItem[]): string {
  const missing = items.flatMap(({ pinned, outcome }) =>
    outcome.kind === 'verified' ? [] : [`  ${pinned.ecosystem} ${componentLabel(pinned)}: ${outcome.kind}: ${outcome.why}`],
  )
  return [
    'A store of packages, written by assay mirror fetch.',
    '',
    'Every package in it was verified against the lockfile of the project before it was written; assay-mirror.json says',
    'against what, and lists every file with its SHA-256. Run assay mirror fetch again to verify, repair or complete it.',
    'DIR stands for this folder, with its whole path.',
    ...guides.flatMap(({ title, lines }) => ['', title, '', ...lines.map((line) => `  ${line}`)]),
    ...(missing.length === 0 ? [] : ['', 'Not in this store', '', ...missing.map(escapeTerminal)]),
    '',
  ].join('\n')
}

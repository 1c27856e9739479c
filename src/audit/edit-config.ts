import { findUp, readTextFile } from '../evidence/open-input.js'
import { writeFiles } from '../evidence/write-files.js'
import { AssayError } from '../model/error.js'
import type { Finding } from '../model/finding.js'
import type { GraphView } from '../model/graph-view.js'
import { canBeAccepted, parseBaseline, renderBaseline } from '../policy/baseline.js'
import { patternOf } from '../policy/component-pattern.js'
import { renderDefaultConfig, renderWaiver } from '../policy/render.js'
import { CONFIG_NAME } from './config-file.js'

/** Writes a new configuration into a folder. Throws `usage` when there is one. */
export function createConfig(folder: string, profile: string): string {
  const path = folder === '.' ? CONFIG_NAME : `${folder.replace(/[\\/]$/, '')}/${CONFIG_NAME}`
  if (readTextFile(path) !== undefined) throw new AssayError('usage', `${path} is there already`, 'Edit it, or remove it first.')
  writeFiles([{ path, chunks: [renderDefaultConfig(profile)] }])
  return path
}

export interface NewWaiver {
  /** The fingerprint, or the beginning of one. */
  readonly finding: string
  readonly owner: string
  readonly reason: string
  /** Last day, `YYYY-MM-DD`. */
  readonly expires: string
}

/** Appends a waiver for one finding; what stands in the file stays as it is, byte for byte. Throws `usage`. */
export function addWaiver(
  folder: string,
  wanted: NewWaiver,
  findings: readonly Finding[],
  graph: GraphView,
): { readonly path: string; readonly id: string } {
  const matching = findings.filter((finding) => finding.fingerprint.startsWith(wanted.finding) && wanted.finding.length >= 8)
  const [finding] = matching
  if (finding === undefined || matching.length > 1) {
    throw new AssayError(
      'usage',
      `${wanted.finding} means ${matching.length === 0 ? 'no finding' : `${matching.length} findings`}`,
      'assay audit prints the first 8 characters of each fingerprint; assay audit --json all of them.',
    )
  }
  if (wanted.reason.length < 15)
    throw new AssayError(
      'usage',
      'the reason has fewer than 15 characters',
      'Say why, so that whoever reads it in a year understands.',
    )
  const [existing] = findUp(folder, [CONFIG_NAME])
  const path = existing ?? `${folder}/${CONFIG_NAME}`
  const before = existing === undefined ? 'version = 1\n' : (readTextFile(existing) ?? '')
  const id = `W-${finding.fingerprint.slice(0, 8)}`
  if (before.includes(`id = "${id}"`))
    throw new AssayError('usage', `there is a waiver ${id} for this finding already`, 'Change its date in assay.toml.')
  const component = finding.component === undefined ? undefined : graph.get(finding.component)
  const pattern = component === undefined ? undefined : patternOf(component)
  const subject = pattern === undefined ? finding.subject : undefined
  const text = renderWaiver({
    id,
    rule: finding.rule,
    component: pattern,
    subject,
    match: finding.data ?? {},
    paths: finding.location === undefined ? [] : [finding.location.file],
    reason: wanted.reason,
    owner: wanted.owner,
    expires: wanted.expires,
  })
  writeFiles([{ path, chunks: [before, before.endsWith('\n') || before === '' ? '' : '\n', text] }])
  return { path, id }
}

/** What became of the open findings: how many the file holds now, and how many new ones it does not. */
export interface BaselineWritten {
  readonly held: number
  readonly leftOut: number
}

/**
 * Writes the open findings as a baseline. A file that is there may only shrink, unless new findings are accepted by name:
 * else a baseline would grow with every run. Throws `configuration` when the file is something else.
 */
export function writeBaseline(path: string, findings: readonly Finding[], acceptNew: boolean): BaselineWritten {
  const acceptable = findings.filter(canBeAccepted)
  const text = readTextFile(path)
  const before = text === undefined ? undefined : parseBaseline(text)
  if (text !== undefined && before === undefined)
    throw new AssayError('configuration', `${path} is there and is no baseline of assay`, 'Name another file with -o.')
  const held = before === undefined || acceptNew ? acceptable : acceptable.filter(({ fingerprint }) => before.has(fingerprint))
  writeFiles([{ path, chunks: [renderBaseline(held)] }])
  return { held: held.length, leftOut: acceptable.length - held.length }
}

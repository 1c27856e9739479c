import { escapeTerminal } from '../model/escape.js'
import type { Style } from '../model/style.js'
import type { TrustPart, TrustReport, TrustRootDetails } from '../model/trust-report.js'

const FROM: Readonly<Record<TrustRootDetails['from'], string>> = {
  file: 'from a file',
  tuf: 'fetched by assay trust update',
  embedded: 'comes with assay',
}
const PART: Readonly<Record<TrustPart['kind'], string>> = {
  log: 'transparency log',
  'certificate-log': 'certificate log',
  'certificate-authority': 'certificate authority',
  'timestamp-authority': 'timestamp authority',
}
const PART_WIDTH = 'certificate authority'.length

/** A report about roots of trust for people. */
export function trustRootsText(report: TrustReport, style: Style): string[] {
  const lines = [
    ...report.roots.flatMap((root, at) => [...(at === 0 ? [] : ['']), ...rootLines(root, style)]),
    ...(report.roots.length === 0 || report.problems.length === 0 ? [] : ['']),
    ...report.problems.flatMap(({ reason, why, fix }) => [
      `${style(report.exitCode === 0 ? 'yellow' : 'red', reason)}: ${escapeTerminal(why)}`,
      `  ${style('green', 'Fix:')} ${escapeTerminal(fix)}`,
    ]),
  ]
  return lines.map((line) => `${line}\n`)
}

function rootLines({ name, from, sha256, file, confirmed, ageDays, tuf, parts }: TrustRootDetails, style: Style): string[] {
  const age = ageDays === undefined ? '' : `, ${ageDays === 1 ? 'one day' : `${ageDays} days`} ago`
  return [
    `${style('bold', escapeTerminal(name))}, ${FROM[from]}`,
    `  sha256:${sha256}`,
    ...(file === undefined ? [] : [`  ${escapeTerminal(file)}`]),
    ...(confirmed === undefined ? [] : [`  confirmed ${escapeTerminal(confirmed)}${age}`]),
    ...(tuf === undefined
      ? []
      : [
          `  ${escapeTerminal(tuf.target)} of ${escapeTerminal(tuf.mirror)}, vouched for until ${escapeTerminal(tuf.expires)}`,
          `  root ${tuf.versions.root}, timestamp ${tuf.versions.timestamp}, snapshot ${tuf.versions.snapshot}, targets ${tuf.versions.targets}`,
        ]),
    ...parts.map(
      ({ kind, name: part, from: start, until }) =>
        `  ${PART[kind].padEnd(PART_WIDTH)}  ${escapeTerminal(part)}  from ${escapeTerminal(start)}${until === undefined ? '' : ` until ${escapeTerminal(until)}`}`,
    ),
  ]
}

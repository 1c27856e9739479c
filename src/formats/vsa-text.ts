import { escapeTerminal } from '../model/escape.js'
import type { Style, StyleName } from '../model/style.js'
import type { VsaCheck, VsaCheckName, VsaReport } from '../model/vsa-report.js'
import { problemLines, signatureLines } from './artifact-text.js'

const STATE: Readonly<Record<VsaCheck['state'], { readonly mark: string; readonly colour: StyleName }>> = {
  passed: { mark: '✓', colour: 'green' },
  failed: { mark: '✗', colour: 'red' },
  undecided: { mark: '?', colour: 'yellow' },
  'not-applicable': { mark: '·', colour: 'dim' },
  'not-reached': { mark: '·', colour: 'dim' },
}

const CHECK: Readonly<Record<VsaCheckName, string>> = {
  signature: 'signed by an accepted signer',
  statement: 'is a verification summary',
  verifier: 'of the verifier that is wanted',
  resource: 'about the resource that is wanted',
  result: 'passed',
  policy: 'decided by the policy that holds here',
  level: 'verified as far as is wanted',
  time: 'counts at this time',
  subject: 'about these files',
  inputs: 'everything else that an audit reads is the same',
}

/** Whether a decision stands for an audit, for people. */
export function vsaText(report: VsaReport, style: Style, verbose: boolean): string[] {
  const { about, decision, checks, signature } = report
  const what =
    about.kind === 'artifact'
      ? `${escapeTerminal(about.file)} sha256:${about.sha256}`
      : about.lockfiles.map(escapeTerminal).join(', ')
  const lines = [
    style('bold', escapeTerminal(report.file)),
    `  must be about ${what}`,
    '',
    ...checks.flatMap((check) => checkLines(check, style)),
    '',
    // What is wrong with the signature stands above already.
    ...signatureLines({ ...signature, problems: signature.outcome === 'verified' ? signature.problems : [] }, style, verbose),
    ...(decision === undefined ? [] : decisionLines(decision)),
    '',
    summary(report, style),
  ]
  return lines.map((line) => `${line}\n`)
}

function checkLines({ name, state, problems }: VsaCheck, style: Style): string[] {
  const { mark, colour } = STATE[state]
  const unreached = state === 'not-reached' ? ' (not looked at)' : state === 'not-applicable' ? ' (not of a file)' : ''
  return [`${style(colour, mark)} ${CHECK[name]}${unreached}`, ...problemLines(problems, colour, '    ', style)]
}

function decisionLines(decision: NonNullable<VsaReport['decision']>): string[] {
  const { verifierId, verifierVersion, resourceUri, result, levels, timeVerified, expires, policySha256, evidenceSha256 } =
    decision
  const versions = verifierVersion.map(([component, version]) => `${component} ${version}`).join(', ')
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['decision', `${result} ${resourceUri}`],
    ['verifier', versions === '' ? verifierId : `${verifierId} (${versions})`],
    ['levels', levels.join(', ')],
    ['made', timeVerified],
    ['counts until', expires],
    ['policy', policySha256 === undefined ? undefined : `sha256:${policySha256}`],
    ['evidence', evidenceSha256 === undefined ? undefined : `sha256:${evidenceSha256}`],
  ]
  return fields.flatMap(([name, value]) => (value === undefined ? [] : [`    ${name}: ${escapeTerminal(value)}`]))
}

function summary({ outcome }: VsaReport, style: Style): string {
  switch (outcome) {
    case 'accepted':
      return style('green', 'Accepted: this decision stands for an audit.')
    case 'refused':
      return style('red', 'Refused: this decision does not stand for an audit.')
    case 'undecided':
      return style('yellow', 'It cannot be decided: nothing contradicts, and not everything is proven.')
  }
}

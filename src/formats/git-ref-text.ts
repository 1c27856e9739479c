import { escapeTerminal } from '../model/escape.js'
import type { GitRefProblem, GitRefReport, GitSignatureReport } from '../model/git-ref-report.js'
import type { Style, StyleName } from '../model/style.js'

const OUTCOME: Readonly<Record<GitSignatureReport['outcome'], { readonly text: string; readonly colour: StyleName }>> = {
  verified: { text: '✓ verified', colour: 'green' },
  refused: { text: '✗ REFUSED', colour: 'red' },
  undecided: { text: '? not checked', colour: 'yellow' },
  unsigned: { text: '· unsigned', colour: 'yellow' },
}
const FORM = { ssh: 'SSH', openpgp: 'OpenPGP', gitsign: 'gitsign' } as const

/** A report about a tag or commit for people. */
export function gitRefText(report: GitRefReport, style: Style): string[] {
  const lines = [
    `${style('bold', escapeTerminal(report.ref))}  commit ${report.commit}`,
    '',
    ...report.signatures.flatMap((signature) => signatureLines(signature, style)),
    ...(report.warnings.length === 0 ? [] : ['']),
    ...report.warnings.flatMap((warning) => problemLines(warning, 'yellow', '', style)),
    '',
    summary(report, style),
  ]
  return lines.map((line) => `${line}\n`)
}

function signatureLines(signature: GitSignatureReport, style: Style): string[] {
  const { of, object, outcome, form, signer, statedTime, problem } = signature
  const { text, colour } = OUTCOME[outcome]
  return [
    `${style(colour, text)}  ${of} ${object}${form === undefined ? '' : ` (${FORM[form]})`}`,
    ...(signer === undefined ? [] : [`    by ${escapeTerminal(signer.name)}, key ${escapeTerminal(signer.fingerprint)}`]),
    ...(statedTime === undefined ? [] : [`    made at ${statedTime}, as it says itself`]),
    ...(problem === undefined ? [] : problemLines(problem, colour, '    ', style)),
  ]
}

function problemLines({ reason, why, fix }: GitRefProblem, colour: StyleName, indent: string, style: Style): string[] {
  return [
    `${indent}${style(colour, reason)}: ${escapeTerminal(why)}`,
    `${indent}  ${style('green', 'Fix:')} ${escapeTerminal(fix)}`,
  ]
}

function summary({ outcome }: GitRefReport, style: Style): string {
  switch (outcome) {
    case 'verified':
      return style('green', 'Verified: somebody who was named has signed it.')
    case 'refused':
      return style('red', 'Refused: nobody who was named has signed it.')
    case 'undecided':
      return style('yellow', 'It cannot be decided: it is signed, and the signature was not checked.')
  }
}

import type { AttestReport, SignedFile } from '../model/attest-report.js'
import { escapeTerminal } from '../model/escape.js'
import type { Style } from '../model/style.js'

const KIND: Readonly<Record<SignedFile['kind'], string>> = {
  decision: 'the decision',
  sbom: 'an SBOM',
  file: 'the bytes of a file',
}
/** Subjects that are shown; `--verbose` and JSON show all. */
const SHOWN_SUBJECTS = 5

/** What was decided and signed, for people. */
export function attestText(report: AttestReport, style: Style, verbose: boolean): string[] {
  const { result, signed, signer, evidence, attached, subjects } = report
  const passed = result === 'PASSED'
  const shown = verbose ? subjects : subjects.slice(0, SHOWN_SUBJECTS)
  const lines = [
    `${style(passed ? 'green' : 'red', result)} ${style('bold', escapeTerminal(report.resourceUri))}`,
    `  by ${escapeTerminal(report.verifierId)}, policy sha256:${report.policySha256}`,
    `  levels: ${report.verifiedLevels.join(', ')}`,
    `  made ${report.timestamp}, counts until ${report.expires}`,
    ...shown.map(({ name, algorithm, digest }) => `  about ${escapeTerminal(name)} ${algorithm}:${digest}`),
    ...(shown.length < subjects.length ? [`  and ${subjects.length - shown.length} more`] : []),
    ...(evidence === undefined
      ? []
      : [`  evidence: ${escapeTerminal(evidence.file)}, ${evidence.answers} answers, sha256:${evidence.sha256}`]),
    '',
    ...signed.map(({ kind, bundle }) => `signed ${KIND[kind]}: ${style('bold', escapeTerminal(bundle))}`),
    ...attached.map(({ image, digest, artifactType }) => escapeTerminal(`attached to ${image}: ${digest} (${artifactType})`)),
    ...(signer === undefined ? [] : [signerLine(signer)]),
    ...(signed.length === 0 ? [style('yellow', 'Nothing was signed.')] : []),
  ]
  return lines.map((line) => `${line}\n`)
}

function signerLine(signer: NonNullable<AttestReport['signer']>): string {
  return escapeTerminal(
    signer.kind === 'key'
      ? `by key ${signer.name} (${signer.hint})`
      : `by ${signer.name}${signer.issuer === undefined ? '' : `, issuer ${signer.issuer}`}`,
  )
}

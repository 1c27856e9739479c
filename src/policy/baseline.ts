import type { Finding } from '../model/finding.js'

const FORMAT = 1

/** Fingerprints of a baseline file; undefined when the text is none. */
export function parseBaseline(text: string): ReadonlySet<string> | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (
    typeof value !== 'object' ||
    value === null ||
    !('format' in value) ||
    value.format !== FORMAT ||
    !('findings' in value) ||
    !Array.isArray(value.findings)
  )
    return undefined
  const fingerprints = value.findings.map((entry: unknown) =>
    typeof entry === 'object' && entry !== null && 'fingerprint' in entry ? entry.fingerprint : undefined,
  )
  return fingerprints.every((fingerprint) => typeof fingerprint === 'string') ? new Set(fingerprints) : undefined
}

/** True for what a baseline can hold: nothing that is waived already, no outage, and not what the gate says of itself. */
export function canBeAccepted(finding: Finding): boolean {
  return finding.status !== 'waived' && finding.state === 'fail' && !finding.rule.startsWith('policy/')
}

/** The open findings as a baseline file: enough of each that a reviewer sees what is accepted. */
export function renderBaseline(findings: readonly Finding[]): string {
  const entries = findings
    .filter(canBeAccepted)
    .map(({ rule, message, location, fingerprint }) => ({ rule, file: location?.file, message, fingerprint }))
    .sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))
  return `${JSON.stringify({ format: FORMAT, findings: entries }, null, 2)}\n`
}

import type { ArtifactProblem } from '../model/artifact-report.js'
import { escapeTerminal } from '../model/escape.js'
import type { OciArtifact, OciAttachment, OciAttachmentKind, OciDemand, OciOutcome, OciReport } from '../model/oci-report.js'
import type { Style, StyleName } from '../model/style.js'
import { headed, problemLines, signatureLines } from './artifact-text.js'

const OUTCOME: Readonly<Record<OciOutcome, { readonly word: string; readonly colour: StyleName }>> = {
  pass: { word: 'PASS', colour: 'green' },
  warn: { word: 'WARN', colour: 'yellow' },
  fail: { word: 'FAIL', colour: 'red' },
  unknown: { word: 'UNKNOWN', colour: 'yellow' },
}

const DEMAND: Readonly<Record<OciDemand['kind'], string>> = {
  signature: 'signed by',
  provenance: 'provenance by',
  source: 'built from',
}

const HEADINGS: readonly (readonly [OciAttachmentKind, string])[] = [
  ['signature', 'Signatures'],
  ['provenance', 'Provenance'],
  ['sbom', 'SBOMs'],
  ['vex', 'VEX'],
  ['summary', 'Verification summaries'],
  ['other', 'Other attachments'],
]

const FORM: Readonly<Record<OciAttachment['form'], string>> = {
  'sigstore-bundle': 'sigstore bundle',
  'dsse-envelope': 'DSSE envelope',
  'cosign-legacy': 'signature of an old cosign',
  notation: 'Notation signature, not verified',
  'unsigned-statement': 'statement that nobody signed',
  document: 'document that nobody signed',
  unknown: 'nothing that is known',
}

/** What is shown of a list without `--verbose`. */
const SHOWN = 20

/** A report about an artifact of a registry for people: what it is, what was demanded, everything that is attached. */
export function ociText(report: OciReport, style: Style, verbose: boolean): string[] {
  const { artifact, demands, attachments, reasons, notes, outcome } = report
  const { colour } = OUTCOME[outcome]
  const lines = [
    style('bold', escapeTerminal(report.reference)),
    ...(artifact === undefined ? [] : artifactLines(artifact, verbose)),
    ...(demands.length === 0 ? [] : ['']),
    ...demands.flatMap((demand) => demandLines(demand, style)),
    ...HEADINGS.flatMap(([kind, heading]) => {
      const own = attachments.filter((one) => one.kind === kind)
      if (own.length === 0) return []
      const shown = verbose ? own : own.slice(0, SHOWN)
      return [
        '',
        style('bold', heading),
        ...shown.flatMap((one) => attachmentLines(one, artifact, style, verbose)),
        ...more(own.length - shown.length),
      ]
    }),
    ...noteLines(notes, 'yellow', style, verbose),
    ...noteLines(reasons, colour, style, verbose),
    '',
    style(colour, summary(report)),
  ]
  return lines.map((line) => `${line}\n`)
}

function artifactLines(
  { source, digest, tag, artifactType, mediaType, size, parts, subject, hashedBytes }: OciArtifact,
  verbose: boolean,
): string[] {
  const shown = verbose ? parts : parts.slice(0, SHOWN)
  return [
    `  ${digest}${tag === undefined ? '' : ` (now tagged ${escapeTerminal(tag)})`}`,
    `  ${escapeTerminal(artifactType ?? mediaType)}, ${size} bytes, in ${escapeTerminal(source)}`,
    ...shown.map(
      ({ digest: part, platform, role, held }) =>
        `    ${escapeTerminal(platform ?? role)} ${part}${role === 'attestation' ? ' (statements about a sibling)' : ''}${held ? '' : ' COULD NOT BE READ'}`,
    ),
    ...more(parts.length - shown.length),
    ...(subject === undefined ? [] : [`  says it is about ${subject.digest} (${subject.state})`]),
    ...(hashedBytes === undefined ? [] : [`  ${hashedBytes} bytes of configuration and layers hashed`]),
  ]
}

function demandLines({ kind, wanted, outcome, by, problem }: OciDemand, style: Style): string[] {
  const proof = by === undefined ? '' : style('dim', `  (${escapeTerminal(by)})`)
  const why = problem === undefined ? [] : problemLines([problem], outcome === 'refused' ? 'red' : 'yellow', '    ', style)
  return [
    headed(outcome, `${DEMAND[kind]} ${style('bold', escapeTerminal(wanted))}${proof}`, style),
    // What to do about a signature stands where that signature is shown.
    ...(by === undefined ? why : why.slice(0, 1)),
  ]
}

function attachmentLines(one: OciAttachment, artifact: OciArtifact | undefined, style: Style, verbose: boolean): string[] {
  const about = one.about === artifact?.digest ? [] : [`    about ${partName(one.about, artifact)}`]
  if (one.signature !== undefined) {
    const [head = '', ...rest] = signatureLines(one.signature, style, verbose)
    return [head, ...about, ...rest]
  }
  const what = one.what === undefined ? '' : `: ${escapeTerminal(one.what)}`
  return [`· ${style('bold', escapeTerminal(`${one.from}, layer ${one.digest}`))}: ${FORM[one.form]}${what}`, ...about]
}

function partName(digest: string, artifact: OciArtifact | undefined): string {
  const platform = artifact?.parts.find((part) => part.digest === digest)?.platform
  return platform === undefined ? digest : `${escapeTerminal(platform)} ${digest}`
}

function noteLines(problems: readonly ArtifactProblem[], colour: StyleName, style: Style, verbose: boolean): string[] {
  if (problems.length === 0) return []
  const shown = verbose ? problems : problems.slice(0, SHOWN)
  return ['', ...problemLines(shown, colour, '', style), ...more(problems.length - shown.length)]
}

function more(count: number): string[] {
  return count <= 0 ? [] : [`    … and ${count} more (--verbose)`]
}

function summary({ outcome, signatures, provenance, sboms }: OciReport): string {
  const counted = [
    `${signatures.verified} ${signatures.verified === 1 ? 'signature' : 'signatures'}`,
    `${provenance.verified} provenance${provenance.level === undefined ? '' : ` (SLSA build level ${provenance.level})`}`,
    `${sboms.verified} ${sboms.verified === 1 ? 'SBOM' : 'SBOMs'}`,
  ]
  const verified = `Verified: ${counted.join(', ')}.`
  switch (outcome) {
    case 'pass':
      return `PASS. ${verified}`
    case 'warn':
      return `WARN: not all that makes a release is proven. ${verified}`
    case 'fail':
      return `FAIL: do not use it before what is marked so is explained. ${verified}`
    case 'unknown':
      return `UNKNOWN: nothing contradicts, and what was asked for is not proven. ${verified}`
  }
}

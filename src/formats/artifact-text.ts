import type {
  ArtifactLookup,
  ArtifactOutcome,
  ArtifactProblem,
  ArtifactReport,
  ArtifactSbom,
  ArtifactSignature,
  ArtifactStatement,
  Demand,
} from '../model/artifact-report.js'
import { escapeTerminal } from '../model/escape.js'
import type { Style, StyleName } from '../model/style.js'

const OUTCOME: Readonly<
  Record<ArtifactOutcome | 'not-judged', { readonly mark: string; readonly word: string; readonly colour: StyleName }>
> = {
  verified: { mark: '✓', word: 'verified', colour: 'green' },
  refused: { mark: '✗', word: 'REFUSED', colour: 'red' },
  undecided: { mark: '?', word: 'UNDECIDED', colour: 'yellow' },
  unreadable: { mark: '✗', word: 'UNREADABLE', colour: 'red' },
  'not-judged': { mark: '·', word: 'not judged', colour: 'dim' },
}
const WORD_WIDTH = 10

const DEMAND: Readonly<Record<Demand['kind'], string>> = {
  signer: 'signed by',
  key: 'signed with key',
  'minisign-key': 'signed with minisign key',
  bundle: 'bundle',
  source: 'built from',
  sbom: 'SBOM',
}

const FORM: Readonly<Record<ArtifactSignature['form'], string>> = {
  'sigstore-bundle': 'sigstore bundle',
  'dsse-envelope': 'DSSE envelope',
  minisign: 'minisign signature',
  'cosign-legacy': 'bundle of an old cosign',
  'detached-signature': 'signature in a file of its own',
  openpgp: 'OpenPGP signature',
  'ssh-signature': 'ssh signature',
  unknown: 'no signature that is known',
}

const NOT_JUDGED: Partial<Readonly<Record<ArtifactSignature['form'], string>>> = {
  openpgp: 'it is there; signatures of OpenPGP are not verified',
  'ssh-signature': 'it is there; signatures of ssh over files are not verified',
}

const SBOM_SUBJECT: Readonly<Record<ArtifactSbom['subject'], string>> = {
  'this-artifact': 'describes this artifact',
  'another-artifact': 'describes another artifact',
  contradiction: 'contradicts itself about this artifact',
  unnamed: 'gives no digest of what it describes',
}

/** A report about an artifact for people: what was demanded and whether it holds, then everything that was found. */
export function artifactText(report: ArtifactReport, style: Style, verbose: boolean): string[] {
  const { artifact } = report
  const lines = [
    style('bold', escapeTerminal(artifact.file)),
    `  ${artifact.size} bytes`,
    ...artifact.digests.flatMap(({ algorithm, value }) => (verbose || algorithm === 'sha256' ? [`  ${algorithm}:${value}`] : [])),
    '',
    ...report.demands.flatMap((demand) => demandLines(demand, style)),
    ...(report.lookups.length === 0 ? [] : ['']),
    ...report.lookups.map((lookup) => lookupLine(lookup, style)),
    ...report.signatures.flatMap((signature) => ['', ...signatureLines(signature, style, verbose)]),
    ...(report.sboms.length === 0 ? [] : ['']),
    ...report.sboms.map(sbomLine),
    ...(report.warnings.length === 0 ? [] : ['']),
    ...problemLines(report.warnings, 'yellow', '', style),
    '',
    summary(report, style),
  ]
  return lines.map((line) => `${line}\n`)
}

function sbomLine({ file, format, subject, attestedBy }: ArtifactSbom): string {
  const whose =
    attestedBy === undefined ? 'no signature here is of it' : `it is the one that ${escapeTerminal(attestedBy)} attests`
  return `${escapeTerminal(file)}: ${escapeTerminal(format)}, ${SBOM_SUBJECT[subject]}; ${whose}`
}

/** A line that begins with an outcome. */
const ANSWER: Readonly<Record<ArtifactLookup['answer'], StyleName>> = {
  found: 'green',
  none: 'dim',
  unknown: 'yellow',
  'not-applicable': 'dim',
}

function lookupLine({ source, answer, found, why }: ArtifactLookup, style: Style): string {
  const words = answer === 'found' ? `${found} found` : answer.replace('-', ' ')
  return `asked ${escapeTerminal(source)}: ${style(ANSWER[answer], words)}${why === undefined ? '' : ` (${escapeTerminal(why)})`}`
}

/** A line that begins with an outcome. */
export function headed(outcome: ArtifactSignature['outcome'], text: string, style: Style): string {
  const { mark, word, colour } = OUTCOME[outcome]
  return `${style(colour, `${mark} ${word.padEnd(WORD_WIDTH)}`)} ${text}`
}

function demandLines({ kind, wanted, outcome, by, problem }: Demand, style: Style): string[] {
  const proof = by === undefined || by === wanted ? '' : style('dim', `  (${escapeTerminal(by)})`)
  const { colour } = OUTCOME[outcome]
  // What to do about a signature stands where that signature is shown.
  const lines = problem === undefined ? [] : problemLines([problem], colour, '    ', style)
  return [
    headed(outcome, `${DEMAND[kind]} ${style('bold', escapeTerminal(wanted))}${proof}`, style),
    ...(by === undefined ? lines : lines.slice(0, 1)),
  ]
}

/** Problems with what to do about them, said once for neighbours that need the same. */
export function problemLines(problems: readonly ArtifactProblem[], colour: StyleName, indent: string, style: Style): string[] {
  return problems.flatMap(({ reason, why, fix }, at) => [
    `${indent}${style(colour, reason)}: ${escapeTerminal(why)}`,
    ...(problems[at + 1]?.fix === fix ? [] : [`${indent}  ${style('green', 'Fix:')} ${escapeTerminal(fix)}`]),
  ])
}

/** One signature and everything that is known of it. */
export function signatureLines(signature: ArtifactSignature, style: Style, verbose: boolean): string[] {
  const { from, form, outcome, checks, problems, signer, signedAt, root, statement, comment, list } = signature
  const passed = checks.filter(({ state }) => state === 'passed').map(({ name }) => name)
  return [
    headed(outcome, `${style('bold', escapeTerminal(from))}: ${FORM[form]}`, style),
    ...(outcome === 'not-judged' ? [`    ${NOT_JUDGED[form] ?? 'no --key or --certificate-… option is about this form'}`] : []),
    ...(list === undefined ? [] : [`    over ${escapeTerminal(list)}, which lists this file`]),
    ...(passed.length === 0 ? [] : [`    holds: ${passed.join(', ')}`]),
    ...problemLines(problems, outcome === 'verified' ? 'yellow' : OUTCOME[outcome].colour, '    ', style),
    ...(signer === undefined ? [] : signerLines(signer, verbose)),
    ...signedAt.map(({ time, from: witness }) => `    at ${time}, says the ${witness.replace('-', ' ')}`),
    ...(root === undefined ? [] : [`    judged by ${escapeTerminal(root.name)}, sha256 ${root.sha256}`]),
    ...(comment === undefined ? [] : [`    trusted comment: ${comment.split('\t').map(escapeTerminal).join('  ')}`]),
    ...(statement === undefined ? [] : statementLines(statement)),
  ]
}

/** Claims that a person looks for; `--verbose` shows all. */
const SHOWN_CLAIMS: ReadonlySet<string> = new Set([
  'issuer',
  'source-repository-uri',
  'source-repository-ref',
  'source-repository-digest',
  'build-trigger',
])

function signerLines(signer: NonNullable<ArtifactSignature['signer']>, verbose: boolean): string[] {
  if (signer.kind === 'key') return [`    by key ${escapeTerminal(signer.name)}`]
  return [
    `    by ${escapeTerminal(signer.name)}`,
    ...signer.claims
      .filter(([name]) => verbose || SHOWN_CLAIMS.has(name))
      .map(([name, value]) => `      ${name.replaceAll('-', ' ')}: ${escapeTerminal(value)}`),
  ]
}

function statementLines({ predicateType, kind, provenance }: ArtifactStatement): string[] {
  const lines = [`    states ${escapeTerminal(predicateType)} (${kind})`]
  if (provenance === undefined) return lines
  const { buildLevel, builderId, repository, ref, commit, entryPoint, invocation, limits } = provenance
  const source = [repository, ref === undefined ? undefined : `at ${ref}`, commit === undefined ? undefined : `commit ${commit}`]
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['built from', source.filter((part) => part !== undefined).join(' ') || undefined],
    ['built by', builderId],
    ['entry point', entryPoint],
    ['run', invocation],
    ['SLSA build level', String(buildLevel)],
  ]
  return [
    ...lines,
    ...fields.flatMap(([name, value]) => (value === undefined ? [] : [`      ${name}: ${escapeTerminal(value)}`])),
    // A contradiction is among the problems already.
    ...limits
      .filter(({ reason }) => reason !== 'trust/provenance-contradiction')
      .flatMap(({ reason, why, fix }) => [`      not higher: ${reason}: ${escapeTerminal(why)}`, `        Fix: ${fix}`]),
  ]
}

function summary({ outcome, demands }: ArtifactReport, style: Style): string {
  const held = demands.filter((demand) => demand.outcome === 'verified').length
  const total = `${held} of ${demands.length} demands hold.`
  switch (outcome) {
    case 'verified':
      return style('green', `Verified. ${total}`)
    case 'refused':
      return style('red', `Refused: do not use this artifact before what is marked so is explained. ${total}`)
    case 'undecided':
      return style('yellow', `It cannot be decided: nothing contradicts, and not everything is proven. ${total}`)
    case 'unreadable':
      return style('red', `A file that the decision needs cannot be read. ${total}`)
  }
}

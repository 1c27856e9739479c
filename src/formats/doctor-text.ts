import type { SettingOrigin, SourceProblem, SourceRole } from '../model/configured-source.js'
import type {
  AskedQuestion,
  DoctorReport,
  SourceReport,
  SourceState,
  SurroundingsReport,
  TrustRootReport,
} from '../model/doctor.js'
import { escapeTerminal } from '../model/escape.js'
import type { Style, StyleName } from '../model/style.js'

const STATE: Readonly<Record<SourceState, { readonly mark: string; readonly word: string; readonly colour: StyleName }>> = {
  fine: { mark: '✓', word: 'ok', colour: 'green' },
  explained: { mark: '·', word: 'not asked', colour: 'dim' },
  advice: { mark: '!', word: 'look at', colour: 'yellow' },
  unsafe: { mark: '✗', word: 'UNSAFE', colour: 'red' },
  unreachable: { mark: '✗', word: 'NO ANSWER', colour: 'red' },
  unreadable: { mark: '✗', word: 'UNREADABLE', colour: 'red' },
}
const WORD_WIDTH = 10

const ROLE: Readonly<Record<SourceRole, string>> = {
  registry: 'registry',
  mirror: 'mirror',
  proxy: 'proxy',
  'checksum-database': 'checksum database',
  'package-list': 'package list',
  'repository-host': 'repositories',
  'archive-host': 'archives',
  folder: 'folder',
  setting: 'setting',
}

/** A doctor's report for people: source by source what it means, how it answered, what to do. */
export function doctorText(report: DoctorReport, style: Style): string[] {
  const lines = [
    ...(report.offline ? ['Offline: the configuration is explained, and nobody is asked.', ''] : []),
    ...report.ecosystems.flatMap(({ ecosystem, sources }) => [
      style('bold', ecosystem),
      ...(sources.length === 0
        ? ['  nothing comes from elsewhere', '']
        : sources.flatMap((source) => sourceLines(source, style))),
    ]),
    ...surroundingLines(report.surroundings, style),
    ...report.trustRoots.flatMap((root) => rootLines(root, style)),
    '',
    summary(report, style),
  ]
  return lines.map((line) => `${line}\n`)
}

function sourceLines(source: SourceReport, style: Style): string[] {
  const { mark, colour } = STATE[source.state]
  const word = source.state === 'explained' && source.unasked === undefined ? 'noted' : STATE[source.state].word
  const url = source.url === undefined ? '' : `  ${escapeTerminal(source.url)}`
  return [
    `  ${style(colour, `${mark} ${word.padEnd(WORD_WIDTH)}`)} ${ROLE[source.role]} ${style('bold', escapeTerminal(source.name))}${url}  ${style('dim', `(${origin(source.from)})`)}`,
    `      ${escapeTerminal(source.meaning)}`,
    ...source.questions.flatMap((question) => questionLines(question, style)),
    ...connectionLines(source),
    // That a whole run is offline is said once.
    ...(source.unasked === undefined || source.unasked === 'offline'
      ? []
      : [`      not asked: ${escapeTerminal(source.unasked)}`]),
    ...source.problems.flatMap((problem) => problemLines(problem, style)),
    ...source.repeat.map((command) => style('dim', `      $ ${escapeTerminal(command)}`)),
    '',
  ]
}

function origin(from: SettingOrigin): string {
  switch (from.kind) {
    case 'file':
      return escapeTerminal(`${from.location.file}:${from.location.line}`)
    case 'user-file':
      return escapeTerminal(`${from.file}:${from.line}`)
    case 'policy':
      return escapeTerminal(from.file)
    case 'variable':
      return escapeTerminal(from.name)
    case 'default':
      return 'default'
  }
}

function questionLines(question: AskedQuestion, style: Style): string[] {
  const what = escapeTerminal(question.what)
  const remark = question.remark === undefined ? '' : `; ${escapeTerminal(question.remark)}`
  const to = question.redirectedTo === undefined ? '' : `, redirected to ${escapeTerminal(question.redirectedTo)}`
  const times = question.latencyMs.length === 0 ? '' : ` in ${question.latencyMs.join(', ')} ms`
  const status = question.status === undefined || question.status === 0 ? '' : ` (${question.status})`
  if (question.outcome === 'answered') return [`      ${what}: answered${status}${times}${to}${remark}${agreement(question)}`]
  const why = escapeTerminal(question.why ?? '')
  if (question.outcome === 'absent' && question.help === undefined)
    return [`      ${what}: not there${status}${times}${to}: ${why}`]
  const failure = question.failure === undefined ? question.outcome : question.failure
  return [
    `      ${what}: ${style('red', failure)}${status}${to}: ${why}`,
    ...(question.help === undefined ? [] : [`        ${style('green', 'Next:')} ${escapeTerminal(question.help)}`]),
  ]
}

function agreement({ answer }: AskedQuestion): string {
  switch (answer?.agreement) {
    case undefined:
      return ''
    case 'same':
      return `; ${escapeTerminal(answer?.value ?? '')}, as it should be`
    case 'different':
      return `; ${escapeTerminal(answer?.value ?? '')}, which is not what the others say`
    case 'alone':
      return `; ${escapeTerminal(answer?.value ?? '')}, with nobody to compare`
  }
}

function connectionLines({ protocol, certificate }: SourceReport): string[] {
  if (certificate === undefined) return protocol === undefined ? [] : [`      over ${protocol}`]
  const { subject, issuer, validFrom, validTo } = certificate
  const over = protocol === undefined ? '' : `over ${protocol}; `
  return [
    `      ${over}certificate of ${escapeTerminal(subject)} by ${escapeTerminal(issuer)}, ${validFrom.slice(0, 10)} to ${validTo.slice(0, 10)}`,
  ]
}

function problemLines({ code, weight, why, fix }: SourceProblem, style: Style): string[] {
  const colour = weight === 'advice' ? 'yellow' : 'red'
  const word = weight === 'advice' ? '!' : weight
  return [
    `      ${style(colour, `${word} ${code}`)}: ${escapeTerminal(why)}`,
    `        ${style('green', 'Fix:')} ${escapeTerminal(fix)}`,
  ]
}

function surroundingLines(report: SurroundingsReport, style: Style): string[] {
  const { httpsProxy, httpProxy, extraAuthorities, problems } = report
  const way = (proxy: string | undefined): string => (proxy === undefined ? 'direct' : `through ${escapeTerminal(proxy)}`)
  return [
    style('bold', 'every connection'),
    `  https ${way(httpsProxy)}, http ${way(httpProxy)}; authorities: the built-in ones${extraAuthorities > 0 ? ` and ${extraAuthorities} more` : ''}`,
    ...problems.flatMap((problem) => problemLines(problem, style)),
    '',
  ]
}

function rootLines(root: TrustRootReport, style: Style): string[] {
  const { name, sha256, confirmed, expires, newestFrom, firstEnd, problems } = root
  const end = firstEnd === undefined ? 'none of them has an end' : `the first of them ends ${firstEnd.slice(0, 10)}`
  const facts = [
    sha256 === undefined ? undefined : `sha256 ${sha256}`,
    confirmed === undefined ? undefined : `confirmed ${confirmed}`,
    expires === undefined ? undefined : `vouched for until ${expires.slice(0, 10)}`,
  ].filter((fact) => fact !== undefined)
  return [
    style('bold', 'trust root'),
    `  ${escapeTerminal(name)}${facts.length === 0 ? '' : `: ${escapeTerminal(facts.join(', '))}`}`,
    ...(newestFrom === undefined
      ? []
      : [`  its newest key or certificate counts from ${escapeTerminal(newestFrom.slice(0, 10))}; ${escapeTerminal(end)}`]),
    ...problems.flatMap((problem) => problemLines(problem, style)),
  ]
}

function summary(report: DoctorReport, style: Style): string {
  const sources = report.ecosystems.flatMap((one) => one.sources)
  const number = (state: SourceState): number => sources.filter((source) => source.state === state).length
  const parts = [
    `${number('fine')} ok`,
    `${number('advice')} to look at`,
    `${number('unsafe')} unsafe`,
    `${number('unreachable')} without answer`,
    `${number('unreadable')} unreadable`,
    `${number('explained')} not asked`,
  ].join(', ')
  const total = `${sources.length} source${sources.length === 1 ? '' : 's'}: ${parts}`
  switch (report.exitCode) {
    case 0:
      return style('green', `${report.offline ? 'Nothing unsafe is configured' : 'All sources work'}. ${total}.`)
    case 1:
      return style('red', `Something is unsafe: mend what is marked so first. ${total}.`)
    case 3:
      return style('yellow', `Not every source answers: follow what stands after Next. ${total}.`)
    case 4:
      return style('red', `What is configured cannot be read. ${total}.`)
  }
}

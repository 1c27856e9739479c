import { failureOf } from '../../../src/trust/sigstore/verdict.js'
import type { ConformanceCase, Mode } from './conformance.js'
import { conformanceCases, extraCases, runCase } from './conformance.js'

const MODES: readonly Mode[] = ['bytes', 'digest']

/** What came of one case: with the artifact's bytes, and with its digest alone. */
interface Row {
  readonly name: string
  readonly expected: 'pass' | 'fail'
  readonly right: number
  readonly rightIn: ReadonlySet<Mode>
  /** Check and reason of a refusal, of both modes where they differ. */
  readonly refusal: string
}

export interface ConformancePage {
  readonly page: string
  /** The line under the title. */
  readonly totals: string
  /** The table of the README. */
  readonly summary: string
}

/** Runs everything and writes down what came of it. */
export async function conformancePage(): Promise<ConformancePage> {
  const suite = await rowsOf(conformanceCases())
  const extra = await rowsOf(extraCases())
  const rightRuns = suite.reduce((sum, { right }) => sum + right, 0)
  const good = suite.filter(({ expected }) => expected === 'pass')
  const bad = suite.filter(({ expected }) => expected === 'fail')
  const runs = (rows: readonly Row[]): string =>
    `${rows.reduce((sum, { right }) => sum + right, 0)}/${rows.length * MODES.length}`
  const rightExtra = extra.filter(({ right }) => right === MODES.length).length
  const totals = `sigstore conformance suite: ${rightRuns}/${suite.length * MODES.length} runs right (good accepted ${runs(good)}, bad refused ${runs(bad)}); cases beside it: ${rightExtra}/${extra.length}`
  const page = [
    '# Conformance',
    '',
    'Made by the tests from what they ran (`node scripts/write-docs.mjs`). Every bundle of the [conformance suite of sigstore](https://github.com/sigstore/sigstore-conformance) is verified twice: with the artifact’s bytes, and with its SHA-256 alone. Nothing is asked of anybody. A case counts as right where a good bundle is accepted, with the times that it proves, and a bad one is refused by a finding, not by an accident; `configuration` means that the root or key of the case is none.',
    '',
    `**${totals}.**`,
    '',
    '## The suite',
    '',
    ...table(suite),
    '',
    '## Cases beside it',
    '',
    'Signers, subjects, windows of time and hostile forms that the suite has no case for.',
    '',
    ...table(extra),
    '',
  ]
  return {
    page: page.join('\n'),
    totals,
    summary: [...summaryOf('suite', suite), ...summaryOf('cases beside it', extra).slice(2)].join('\n'),
  }
}

/** One line a kind of case: how many are right with the artifact's bytes, and by its digest alone. */
function summaryOf(name: string, rows: readonly Row[]): string[] {
  return [
    '| cases | with the bytes | by the digest alone |',
    '| --- | --- | --- |',
    ...(['pass', 'fail'] as const).map((expected) => {
      const own = rows.filter((row) => row.expected === expected)
      const right = (mode: Mode): string => `${own.filter(({ rightIn }) => rightIn.has(mode)).length}/${own.length}`
      return `| ${name}: ${expected === 'pass' ? 'good, accepted' : 'bad, refused'} | ${right('bytes')} | ${right('digest')} |`
    }),
  ]
}

function table(rows: readonly Row[]): string[] {
  return [
    '| case | expected | right | refused by |',
    '| --- | --- | --- | --- |',
    ...rows.map(({ name, expected, right, refusal }) => `| ${name} | ${expected} | ${right}/${MODES.length} | ${refusal} |`),
  ]
}

async function rowsOf(cases: readonly ConformanceCase[]): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const each of cases) {
    const results: { readonly mode: Mode; readonly right: boolean; readonly refusal: string }[] = []
    for (const mode of MODES) results.push({ mode, ...(await run(each, mode)) })
    rows.push({
      name: each.name.replace(/_fail$/, ''),
      expected: each.expected,
      right: results.filter(({ right }) => right).length,
      rightIn: new Set(results.flatMap(({ mode, right }) => (right ? [mode] : []))),
      refusal: [...new Set(results.map(({ refusal }) => refusal))].join(', '),
    })
  }
  return rows
}

async function run(each: ConformanceCase, mode: Mode): Promise<{ readonly right: boolean; readonly refusal: string }> {
  const verdict = await runCase(each, mode)
  if (typeof verdict === 'string') return { right: each.expected === 'fail', refusal: 'configuration' }
  const failure = failureOf(verdict)
  const times = verdict.verifiedTimes.map(({ epochMs }) => new Date(epochMs).toISOString())
  const asExpected = each.verifiedTimes === undefined || JSON.stringify(times) === JSON.stringify(each.verifiedTimes)
  if (verdict.outcome === 'verified')
    return { right: each.expected === 'pass' && failure === undefined && asExpected, refusal: '' }
  return {
    right: each.expected === 'fail' && failure !== undefined,
    refusal: failure === undefined ? '' : `${failure.name}: ${failure.reason}`,
  }
}

import { expect, it } from 'vitest'
import type { ModFile, Replace } from '../../../src/ecosystems/go/mod-file.js'
import { parseModFile } from '../../../src/ecosystems/go/parse-mod.js'
import { parseWorkFile } from '../../../src/ecosystems/go/parse-work.js'
import { describeShared, hasShared, readSharedBytes, readSharedJson } from '../../support/shared.js'

/** What was parsed, in the words of `go mod edit -json`. */
function shape(mod: ModFile): object {
  const list = <T>(name: string, items: readonly T[], show: (item: T) => object): object =>
    items.length === 0 ? {} : { [name]: items.map(show) }
  return {
    Module: {
      Path: mod.module?.value ?? '',
      ...(mod.module === undefined || mod.module.deprecated === '' ? {} : { Deprecated: mod.module.deprecated }),
    },
    ...(mod.go === undefined ? {} : { Go: mod.go.value }),
    ...(mod.toolchain === undefined ? {} : { Toolchain: mod.toolchain.value }),
    ...list('GoDebug', mod.godebug, ({ key, value }) => ({ Key: key, Value: value })),
    ...list('Require', mod.require, (r) => ({ Path: r.path, Version: r.version, ...(r.indirect ? { Indirect: true } : {}) })),
    ...list('Exclude', mod.exclude, (e) => ({ Path: e.path, Version: e.version })),
    ...list('Replace', mod.replace, replaceShape),
    ...list('Retract', mod.retract, (r) => ({
      Low: r.low,
      High: r.high,
      ...(r.rationale === '' ? {} : { Rationale: r.rationale }),
    })),
    ...list('Tool', mod.tool, ({ value }) => ({ Path: value })),
    ...list('Ignore', mod.ignore, ({ value }) => ({ Path: value })),
  }
}

function replaceShape({ path, version, target }: Replace): object {
  return {
    Old: { Path: path, ...(version === undefined ? {} : { Version: version }) },
    New: { Path: target.path, ...(target.kind === 'module' ? { Version: target.version } : {}) },
  }
}

interface SyntaxCase {
  readonly name: string
  readonly text: string
  readonly strict: 'ok' | 'error'
  readonly lax: 'ok' | 'error'
  readonly strictError?: string
  readonly laxError?: string
  readonly parsed?: object
}

/** The lines of the reference parser's error text: `go.mod:5: …`. */
const linesOf = (error: string): number[] => [...error.matchAll(/^go\.mod:(\d+)/gm)].map((match) => Number(match[1]))
const problemLines = (mod: ModFile): number[] => mod.problems.map((problem) => problem.location.line)

describeShared('vectors/go/gomod-syntax.json', 'go.mod syntax vectors', () => {
  if (!hasShared('vectors', 'go', 'gomod-syntax.json')) return
  const { cases } = readSharedJson<{ cases: readonly SyntaxCase[] }>('vectors', 'go', 'gomod-syntax.json')
  it.each(cases)('$name, as a main module', (c) => {
    const mod = parseModFile(c.text, 'go.mod')
    expect(mod.problems.length === 0 ? 'ok' : 'error').toBe(c.strict)
    if (c.strictError !== undefined) expect(problemLines(mod)).toEqual(linesOf(c.strictError))
    if (c.parsed !== undefined) expect(shape(mod)).toEqual(c.parsed)
  })
  it.each(cases)('$name, as a dependency', (c) => {
    const mod = parseModFile(c.text, 'go.mod', 'lax')
    expect(mod.problems.length === 0 ? 'ok' : 'error').toBe(c.lax)
    if (c.lax === 'error' && c.laxError !== undefined) expect(problemLines(mod)).toEqual(linesOf(c.laxError))
  })
})

interface Comments {
  readonly rationale: readonly { text: string; retract: readonly { low: string; rationale: string }[] }[]
  readonly indirect: readonly { line: string; indirect: boolean }[]
  readonly deprecated: readonly { text: string; message: string }[]
}

describeShared('vectors/go/gomod-comments.json', 'go.mod comment vectors', () => {
  if (!hasShared('vectors', 'go', 'gomod-comments.json')) return
  const vectors = readSharedJson<Comments>('vectors', 'go', 'gomod-comments.json')
  it.each(vectors.rationale)('rationale in $text', ({ text, retract }) => {
    expect(parseModFile(text, 'go.mod').retract.map(({ low, rationale }) => ({ low, rationale }))).toEqual(retract)
  })
  it.each(vectors.indirect)('$line', ({ line, indirect }) => {
    expect(parseModFile(`module example.com/m\n\n${line}\n`, 'go.mod').require.map((r) => r.indirect)).toEqual([indirect])
  })
  it.each(vectors.deprecated)('deprecation in $text', ({ text, message }) => {
    expect(parseModFile(text, 'go.mod').module?.deprecated).toBe(message)
  })
})

describeShared('vectors/go/cases/11-syntax', 'case 11: every directive and comment form', () => {
  if (!hasShared('vectors', 'go', 'cases', '11-syntax')) return
  const read = (name: string): string => new TextDecoder().decode(readSharedBytes('vectors', 'go', 'cases', '11-syntax', name))
  const expected = readSharedJson<{ goMod: object; goWork: { Use: object[] } }>(
    'vectors',
    'go',
    'cases',
    '11-syntax',
    'expected.json',
  )
  it('go.mod', () => {
    const mod = parseModFile(read('go.mod'), 'go.mod')
    expect(mod.problems).toEqual([])
    expect(shape(mod)).toEqual(expected.goMod)
  })
  it('go.work', () => {
    const work = parseWorkFile(read('go.work'), 'go.work')
    expect(work.problems).toEqual([])
    expect({
      Go: work.go?.value,
      Use: work.use.map(({ value }) => ({ DiskPath: value })),
      Replace: work.replace.map(replaceShape),
      Toolchain: work.toolchain?.value,
      GoDebug: work.godebug.map(({ key, value }) => ({ Key: key, Value: value })),
    }).toEqual(expected.goWork)
  })
})

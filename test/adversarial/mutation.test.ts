import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { ECOSYSTEMS } from '../../src/ecosystems/index.js'
import { PROJECT } from '../support/assay.js'
import { expectSoundRun } from '../support/pipeline.js'

/** Every file of the corpus and the examples that an ecosystem claims, small enough to be changed often. */
const SEEDS = [join(import.meta.dirname, 'corpus'), join(PROJECT, 'examples')].flatMap((root) =>
  filesBelow(root).filter((path) => ECOSYSTEMS.some(({ claim }) => claim(path.slice(root.length + 1)) !== undefined)),
)

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    const stats = statSync(path)
    return stats.isDirectory() ? filesBelow(path) : stats.size < 4000 ? [path] : []
  })
}

/** What breaks parsers: ends, brackets, quotes, escapes, long digits, names of the platform's own objects. */
const PIECES = [
  '',
  '"',
  '\\',
  '\n',
  '\r\n',
  '\u0000',
  '[',
  ']',
  '{',
  '}',
  '(',
  ')',
  '=',
  ',',
  '#',
  '//',
  '/*',
  '\ufeff',
  '9'.repeat(400),
  '-1',
  '1e999',
  '__proto__',
  '../../..',
  '\\u0000',
  '\\ud800',
  '"""',
  '@',
  '@@',
  '=>',
  '<<<<<<< a\n',
  '\u202e',
  'x'.repeat(5000),
  '[['.repeat(200),
]

const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.oneof(fc.constant(0), fc.nat(8), fc.nat(400)),
  piece: fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 12 })),
  repeat: fc.boolean(),
})

function mutate(
  bytes: Uint8Array,
  changes: readonly { at: number; length: number; piece: string; repeat: boolean }[],
): Uint8Array {
  let result = Buffer.from(bytes)
  for (const { at, length, piece, repeat } of changes) {
    const start = Math.floor(at * result.length)
    const cut = result.subarray(start, start + length)
    result = Buffer.concat([
      result.subarray(0, start),
      repeat ? Buffer.concat([cut, cut]) : Buffer.from(piece),
      result.subarray(start + length),
    ])
  }
  return result
}

const RUNS = Number(process.env['ASSAY_FUZZ_RUNS'] ?? 150)

describe('any bytes under the name of a lockfile or manifest', () => {
  it(`changed files of the corpus and the examples, ${SEEDS.length} seeds`, { timeout: 120_000 + RUNS * 100 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...SEEDS), fc.array(mutation, { minLength: 1, maxLength: 4 }), async (seed, changes) => {
        const name = seed.replace(/.*[\\/](?=(?:\.cargo|vendor)[\\/])|.*[\\/]/, '').replaceAll('\\', '/')
        await expectSoundRun({
          [`p/${name}`]: mutate(readFileSync(seed), changes),
          'other/Cargo.lock': 'version = 4\n\n[[package]]\nname = "kept"\nversion = "1.0.0"\n',
        })
      }),
      { numRuns: RUNS },
    )
  })

  it('noise', { timeout: 120_000 }, async () => {
    const names = [
      'Cargo.lock',
      'Cargo.toml',
      '.cargo/config.toml',
      'go.mod',
      'go.sum',
      'go.work',
      'vendor/modules.txt',
      'build.zig.zon',
      'x.nimble',
      'nimble.lock',
      'nimble.develop',
    ]
    const words = fc
      .array(
        fc.constantFrom(
          ...PIECES,
          ' ',
          'version',
          'name',
          'require',
          'module',
          '.{',
          '.',
          'dependencies',
          '"a"',
          '1',
          'v1.0.0',
          ':',
          'proc',
          'when',
        ),
        { maxLength: 60 },
      )
      .map((all) => all.join(''))
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.oneof(words, fc.uint8Array({ maxLength: 300 })), async (name, content) => {
        await expectSoundRun({ [`p/${name}`]: content })
      }),
      { numRuns: RUNS },
    )
  })
})

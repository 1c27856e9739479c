import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readNimbleIni } from '../../src/ecosystems/nimble/user-settings.js'
import { judgeUrl, shellWord } from '../../src/ecosystems/source-problems.js'

/** What a URL of a source shows, and what is wrong with it. */
const URLS: readonly (readonly [raw: string, shown: string, codes: readonly string[]])[] = [
  ['https://h.example/x/', 'https://h.example/x/', []],
  ['https://h.example', 'https://h.example', []],
  ['sparse+https://h.example/', 'https://h.example/', []],
  ['git+http://h.example/o/r', 'http://h.example/o/r', ['plain-http']],
  ['http://localhost:8080/x', 'http://localhost:8080/x', []],
  ['http://127.0.0.1/x', 'http://127.0.0.1/x', []],
  ['HTTP://h.example/x', 'http://h.example/x', ['plain-http']],
  ['https://token@h.example/x', 'https://h.example/x', ['credential-in-url']],
  ['https://h.example/x?access_token=abcdef', 'https://h.example/x?access_token=secret', ['credential-in-url']],
  ['https://h.example/x?page=2', 'https://h.example/x?page=2', []],
  ['ssh://git@h.example/o/r', 'ssh://h.example/o/r', []],
  ['ssh://git:secret@h.example/o/r', 'ssh://h.example/o/r', ['credential-in-url']],
  ['git@h.example:o/r', 'h.example:o/r', []],
  ['user:secret@h.example:o/r', 'h.example:o/r', ['credential-in-url']],
  ['vendor', 'vendor', []],
]

describe('a URL of a source', () => {
  it.each(URLS)('%s', (raw, shown, codes) => {
    const judged = judgeUrl(raw)
    expect(judged.shown).toBe(shown)
    expect(judged.problems.map(({ code }) => code)).toEqual(codes)
  })

  it('never shows a password, and always tells of one', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9._~-]{6,24}$/).map((text) => `s3cret${text}`)
    const scheme = fc.constantFrom('https', 'http', 'sparse+https', 'git+https', 'ssh', 'git+ssh')
    fc.assert(
      fc.property(scheme, word, word, fc.webPath(), (protocol, user, password, path) => {
        const { shown, problems } = judgeUrl(`${protocol}://${user}:${password}@h.example${path}`)
        expect(shown).not.toContain('s3cret')
        expect(problems.map(({ code }) => code)).toContain('credential-in-url')
      }),
    )
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.string({ unit: 'binary' })), (raw) => {
        expect(judgeUrl(raw).problems.length).toBeLessThanOrEqual(2)
      }),
    )
  })
})

describe('a word of a command', () => {
  it.each(['plain', 'https://h.example/a?b=c&d', "it's", '$(rm -rf .)', 'a b;c', '`x`', '', '!', '\\'])(
    '%j is one word to a shell',
    (text) => {
      const { stdout, status } = spawnSync('sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' })
      expect({ stdout, status }).toEqual({ stdout: text, status: 0 })
    },
  )
})

describe('nimble.ini', () => {
  it('is read without a throw, whatever stands in it', () => {
    const line = fc.oneof(
      fc.constantFrom(
        '[PackageList]',
        'name = "x"',
        'url = "https://h.example/p.json"',
        'path = r"/x"',
        '[',
        'httpProxy: "p"',
        '# x',
      ),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const { lists } = readNimbleIni(lines.join('\n'))
        expect(lists.length).toBeLessThanOrEqual(lines.length)
        for (const { line: at } of lists) expect(at).toBeGreaterThan(0)
      }),
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { imageReferenceFacts, readContainerFile } from '../../src/audit/container-file.js'
import { isContainerFile } from '../../src/audit/container-file-name.js'
import { discover } from '../../src/audit/discover.js'
import { MemoryTree } from '../support/memory-tree.js'

const uses = (text: string): string[] =>
  readContainerFile(text).map(({ usage, reference, line, column }) => `${usage} ${reference} ${line}:${column}`)

describe('images that a container file names', () => {
  it.each([
    ['FROM debian:12', ['from debian:12 1:6']],
    ['from debian:12 as base\nFROM base\nFROM Base AS b', ['from debian:12 1:6']],
    ['FROM scratch', []],
    ['FROM --platform=$BUILDPLATFORM golang:1.24 AS build', ['from golang:1.24 1:32']],
    ['ARG V=1\nFROM app:$V', ['from app:$V 2:6']],
    ['FROM \\\n  # a comment\n\n  debian:12 \\\n  AS x', ['from debian:12 4:3']],
    ['# escape=`\nFROM `\n  debian:12', ['from debian:12 3:3']],
    ['# syntax=x/y\n# escape=`\nFROM `\n  debian:12', ['from debian:12 4:3']],
    ['#FROM a\n  # FROM b\nFROM c', ['from c 3:6']],
    ['FROM a:1\nCOPY --from=b:2 /x /y\nCOPY --from=0 /x /y', ['from a:1 1:6', 'copy b:2 2:13']],
    ['FROM a:1 AS s\nCOPY --chown=1 --from=s /x /y', ['from a:1 1:6']],
    ['FROM a:1\nRUN <<EOF\nFROM not:this\nEOF\nFROM b:2', ['from a:1 1:6', 'from b:2 5:6']],
    ["FROM a:1\nRUN <<-'A' cat <<B\nFROM x\n\tA\nFROM y\nB\nFROM b:2", ['from a:1 1:6', 'from b:2 7:6']],
    ['FROM a:1\nRUN echo \\\n  FROM b:2', ['from a:1 1:6']],
    ['FROM a:1\r\nFROM b:2\r\n', ['from a:1 1:6', 'from b:2 2:6']],
    ['FROM', []],
    ['FROM a:1 \\', ['from a:1 1:6']],
    ['', []],
  ])('%j', (text, expected) => {
    expect(uses(text)).toEqual(expected)
  })

  it('never throws, gives places in the text, and is linear', () => {
    const piece = fc.constantFrom(
      'FROM ',
      'a:1',
      ' AS b',
      '\n',
      '\\\n',
      '# x\n',
      'RUN <<E\n',
      'E\n',
      'COPY --from=c ',
      ' ',
      '`',
      '\t',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 60 }).map((parts) => parts.join('')),
        ),
        (text) => {
          const lines = text.split(/\r?\n/)
          for (const { reference, line, column } of readContainerFile(text))
            expect(lines[line - 1]?.slice(column - 1, column - 1 + reference.length)).toBe(reference)
        },
      ),
    )
    for (const line of ['a \\\n', 'FROM \\\n', 'RUN <<A <<B <<C \\\n', '<<'.repeat(20)]) {
      const started = performance.now()
      readContainerFile(line.repeat(40_000))
      expect(performance.now() - started).toBeLessThan(2000)
    }
  })

  it('become facts: by digest, by tag, or not to be told', async () => {
    const text = `FROM a@sha256:${'0'.repeat(64)}\nFROM b:1\nFROM c\nFROM $D\nFROM UPPER:1\n`
    const facts = await imageReferenceFacts(new MemoryTree({ Dockerfile: text, huge: ' '.repeat(1024 * 1024 + 1) }), [
      'Dockerfile',
      'huge',
      'gone',
    ])
    expect(facts.map(({ data, location }) => [data['pinned'], data['why'] !== undefined, location?.line])).toEqual([
      ['digest', false, 1],
      ['tag', false, 2],
      ['tag', false, 3],
      ['unknown', true, 4],
      ['unknown', true, 5],
    ])
  })
})

it.each([
  ['Dockerfile', true],
  ['a/Containerfile', true],
  ['Dockerfile.release', true],
  ['build/app.Dockerfile', true],
  ['dockerfile.md', false],
  ['MyDockerfile', false],
  ['Dockerfile/x', false],
])('%s', (path, expected) => {
  expect(isContainerFile(path)).toBe(expected)
})

it('are found in the tree, but not where it is excluded or of tools', async () => {
  const tree = new MemoryTree({ Dockerfile: '', 'a/Containerfile': '', 'out/Dockerfile': '', 'node_modules/x/Dockerfile': '' })
  const found = await discover(tree, [], { exclude: ['out/**', 'out'], include: [] })
  expect(found.containerFiles).toEqual(['Dockerfile', 'a/Containerfile'])
})

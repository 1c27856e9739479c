import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeFiles } from '../../src/evidence/write-files.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-write-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('writeFiles', () => {
  it('writes chunks, makes folders, replaces what was there', () => {
    const path = join(folder, 'reports', 'a.txt')
    writeFiles([{ path, chunks: ['one', 'é'.repeat(200_000), '\n'] }])
    writeFiles([{ path, chunks: ['two'] }])
    expect(readFileSync(path, 'utf8')).toBe('two')
    expect(readdirSync(join(folder, 'reports'))).toEqual(['a.txt'])
  })

  it('leaves nothing behind and replaces nothing when a writer breaks in the middle', () => {
    const path = join(folder, 'a.txt')
    writeFileSync(path, 'before')
    function* broken(): Iterable<string> {
      yield 'half'
      throw new Error('invariant')
    }
    const whole = join(folder, 'b.txt')
    expect(() =>
      writeFiles([
        { path: whole, chunks: ['b'] },
        { path, chunks: broken() },
      ]),
    ).toThrow('invariant')
    expect(readFileSync(path, 'utf8')).toBe('before')
    expect(existsSync(whole)).toBe(false)
    expect(readdirSync(folder)).toEqual(['a.txt'])
  })

  it('names the file and the next step when it cannot be written', () => {
    mkdirSync(join(folder, 'taken'))
    writeFileSync(join(folder, 'file'), '')
    expect(() => writeFiles([{ path: join(folder, 'taken'), chunks: ['x'] }])).toThrow(
      expect.objectContaining({ code: 'output-unwritable' }),
    )
    expect(() => writeFiles([{ path: join(folder, 'file', 'below'), chunks: ['x'] }])).toThrow(/cannot write .*below/)
    expect(readdirSync(folder)).toEqual(['file', 'taken'])
  })

  it.skipIf(!existsSync('/proc/self'))('ends where no folder can be made', () => {
    expect(() => writeFiles([{ path: '/proc/assay-nowhere/below/file', chunks: ['x'] }])).toThrow(
      expect.objectContaining({ code: 'output-unwritable' }),
    )
  })
})

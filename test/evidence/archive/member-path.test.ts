import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EntryKind } from '../../../src/evidence/archive/entry.js'
import { DEFAULT_LIMITS } from '../../../src/evidence/archive/limits.js'
import { MemberGuard } from '../../../src/evidence/archive/member-guard.js'
import { linkLeavesRoot, memberPath } from '../../../src/evidence/archive/member-path.js'
import { refusal } from '../../support/archives.js'

describe('names that are let in', () => {
  it.each([
    ['a', 'a'],
    ['a/b', 'a/b'],
    ['./a', 'a'],
    ['a//b/', 'a/b'],
    ['a/./b', 'a/b'],
    ['.', '.'],
    ['./', '.'],
    ['..a/b..', '..a/b..'],
    ['ab:c', 'ab:c'],
    ['\u00e9/\u{1f600}', '\u00e9/\u{1f600}'],
  ])('%j is %j', (name, path) => expect(memberPath(name, DEFAULT_LIMITS)).toEqual({ ok: true, path }))
})

describe('names that are not', () => {
  it.each([
    ['/etc/passwd', 'escapes'],
    ['//server/share', 'escapes'],
    ['..', 'escapes'],
    ['../a', 'escapes'],
    ['a/../../b', 'escapes'],
    ['a/../b', 'escapes'],
    ['a/..', 'escapes'],
    ['C:/a', 'escapes'],
    ['c:a', 'escapes'],
    ['\\a', 'escapes'],
    ['\\\\server\\share', 'escapes'],
    ['a\\..\\..\\b', 'escapes'],
    ['a\\b', 'bad-name'],
    ['a\0b', 'bad-name'],
    ['', 'bad-name'],
    ['x'.repeat(4097), 'bad-name'],
    ['\u20ac'.repeat(1366), 'bad-name'],
    ['a/'.repeat(129), 'bad-name'],
  ])('%j: %s', (name, code) => expect(memberPath(name, DEFAULT_LIMITS)).toMatchObject({ ok: false, code }))

  it('what is let in never leads out and is its own normal form', () => {
    const name = fc.array(fc.constantFrom('a', '.', '..', '/', '\\', ':', '\0', 'C', '\u00e9')).map((parts) => parts.join(''))
    fc.assert(
      fc.property(name, (value) => {
        const judged = memberPath(value, DEFAULT_LIMITS)
        if (!judged.ok) return
        expect(judged.path).not.toMatch(/^\/|\\|\0|(^|\/)\.\.(\/|$)|^[A-Za-z]:/)
        expect(memberPath(judged.path, DEFAULT_LIMITS)).toEqual(judged)
      }),
    )
  })
})

describe('link targets', () => {
  it.each([
    ['a', 'b', false],
    ['a/b', '../c', false],
    ['a/b', '../../c', true],
    ['a', '..', true],
    ['a/b', 'x/../../../y', true],
    ['a', '/etc', true],
    ['a', 'C:\\x', true],
    ['a/b', '..\\..\\c', true],
    ['a/b/c', '../../d', false],
    ['a', 'b\0', true],
  ])('%s to %j leaves: %s', (path, target, wanted) => expect(linkLeavesRoot(path, target)).toBe(wanted))
})

describe('members against each other', () => {
  type Members = readonly (readonly [string, EntryKind])[]
  const add = (members: Members, maxEntries = 100): Promise<string> =>
    refusal(() => {
      const guard = new MemberGuard({ maxEntries })
      for (const [path, kind] of members) guard.add(path, kind)
    })

  it.each<readonly [string, Members, string]>([
    [
      'a folder and its files',
      [
        ['a', 'folder'],
        ['a/b', 'file'],
        ['a', 'folder'],
      ],
      'accepted',
    ],
    [
      'a file behind a link',
      [
        ['l', 'symlink'],
        ['l/x', 'file'],
      ],
      'escapes',
    ],
    [
      'a file deep behind a link',
      [
        ['a/l', 'symlink'],
        ['a/l/b/c', 'file'],
      ],
      'escapes',
    ],
    [
      'a link that takes the place of a folder',
      [
        ['l/x', 'file'],
        ['l', 'symlink'],
      ],
      'escapes',
    ],
    [
      'a folder and a link of one name',
      [
        ['l', 'folder'],
        ['l', 'symlink'],
      ],
      'escapes',
    ],
    [
      'a link, a file in its place, a file below',
      [
        ['l', 'symlink'],
        ['l', 'file'],
        ['l/x', 'file'],
      ],
      'escapes',
    ],
    [
      'a file, a link in its place, a file below',
      [
        ['l', 'file'],
        ['l', 'symlink'],
        ['l/x', 'file'],
      ],
      'escapes',
    ],
    [
      'a file below a file',
      [
        ['f', 'file'],
        ['f/x', 'file'],
      ],
      'inconsistent',
    ],
    [
      'a file below a hard link',
      [
        ['f', 'hardlink'],
        ['f/x', 'file'],
      ],
      'inconsistent',
    ],
    [
      'a file in place of a folder',
      [
        ['a/b', 'file'],
        ['a', 'file'],
      ],
      'inconsistent',
    ],
    [
      'a link beside what begins alike',
      [
        ['l', 'symlink'],
        ['lx/y', 'file'],
      ],
      'accepted',
    ],
    ['the root as a link', [['.', 'symlink']], 'escapes'],
  ])('%s', async (_, members, wanted) => expect(await add(members)).toBe(wanted))

  it('tells of a path that comes again', () => {
    const guard = new MemberGuard(DEFAULT_LIMITS)
    expect([guard.add('a', 'file'), guard.add('a', 'file'), guard.add('b/c', 'file'), guard.add('b', 'folder')]).toEqual([
      false,
      true,
      false,
      false,
    ])
  })

  it('counts the folders that names imply', async () => {
    const deep: Members = Array.from({ length: 10 }, (_, i) => [`${i}/${'x/'.repeat(10)}f`, 'file'])
    expect(await add(deep, 120)).toBe('accepted')
    expect(await add(deep, 119)).toBe('too-many-entries')
  })
})

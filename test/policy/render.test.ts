import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Waiver } from '../../src/policy/config.js'
import { PROFILES } from '../../src/policy/config.js'
import { renderDefaultConfig, renderWaiver } from '../../src/policy/render.js'
import { load, problemsOf } from './support/load.js'

describe('the file that init writes', () => {
  it.each(PROFILES)('is a valid configuration of the profile %s', (profile) => {
    expect(load(renderDefaultConfig(profile)).profile).toBe(profile)
  })

  it('is valid, too, with every line that is commented out put in force', () => {
    const text = renderDefaultConfig('strict').replaceAll(/^# (?=[\w"[])/gm, '')
    // The first line is prose.
    expect(problemsOf(text.slice(text.indexOf('\n') + 1))).toEqual([])
    expect(load(text.slice(text.indexOf('\n') + 1))).toMatchObject({
      failOn: 'error',
      maxWarnings: 50,
      info: { subject: { name: 'product', version: '1.0.0' } },
      settings: {
        deny: [{ component: 'pkg:cargo/openssl@<0.10.66' }],
        sources: { internal: ['go:corp.example/**', 'cargo:corp-*'] },
      },
      overrides: [{ paths: ['examples/**'], profile: 'relaxed' }],
    })
  })
})

const NEW: Omit<Waiver, 'location'> = {
  id: 'W-1',
  rule: 'integrity/unpinned',
  component: 'pkg:cargo/serde@1.0.0',
  match: {},
  paths: [],
  reason: 'a reason of enough letters',
  owner: 'team@example.org',
  expires: '2026-12-01',
}

describe('a waiver as text', () => {
  it('is a table that stands at the end of a file', () => {
    expect(renderWaiver(NEW)).toBe(`
[[waiver]]
id = "W-1"
rule = "integrity/unpinned"
component = "pkg:cargo/serde@1.0.0"
reason = "a reason of enough letters"
owner = "team@example.org"
expires = 2026-12-01
`)
  })

  it('holds subject, discriminators and paths where there are some', () => {
    const { component: _, ...rest } = NEW
    const text = renderWaiver({ ...rest, subject: 'Cargo.lock', match: { name: 'a"b', 'x y': '' }, paths: ['a', 'b/**'] })
    expect(text).toContain('\nsubject = "Cargo.lock"\nmatch = { "name" = "a\\"b", "x y" = "" }\npaths = ["a", "b/**"]\n')
    expect(text).not.toContain('component')
  })

  it('reads back as it was, whatever its texts hold', () => {
    const text = fc.string({ unit: 'binary', minLength: 15, maxLength: 30 })
    const key = fc.string({ unit: 'grapheme', maxLength: 5 }).filter((k) => k !== '__proto__')
    fc.assert(
      fc.property(
        text,
        text,
        fc.dictionary(key, fc.string({ unit: 'binary', maxLength: 5 }), { maxKeys: 3 }),
        fc.array(text, { maxLength: 2 }),
        (reason, owner, match, paths) => {
          const [waiver] = load(`version = 1\n${renderWaiver({ ...NEW, reason, owner, match, paths })}`).waivers
          expect(waiver).toEqual({
            ...NEW,
            reason,
            owner,
            match,
            paths,
            subject: undefined,
            ticket: undefined,
            approvedBy: undefined,
            location: waiver?.location,
          })
        },
      ),
      { numRuns: 500 },
    )
  })

  it('stays TOML when a text holds half of a surrogate pair', () => {
    const [waiver] = load(`version = 1\n${renderWaiver({ ...NEW, owner: 'x\ud800y' })}`).waivers
    expect(waiver?.owner).toBe('x\ufffdy')
  })
})

import { describe, expect, it } from 'vitest'
import { load, problemsOf } from './support/load.js'

const WAIVER = `version = 1
[[waiver]]
id = "W-1"
rule = "integrity/unpinned"
component = "pkg:cargo/serde"
reason = "a reason of enough letters"
owner = "team@example.org"
expires = 2026-12-01
`
describe('waivers', () => {
  it('are fine as they should be, with a date or a text for the day', () => {
    expect(problemsOf(WAIVER)).toEqual([])
    expect(load(WAIVER.replace('2026-12-01', '"2026-12-01"')).waivers[0]?.expires).toBe('2026-12-01')
    expect(problemsOf(WAIVER.replace('component = "pkg:cargo/serde"', 'subject = "Cargo.lock"'))).toEqual([])
  })

  it.each([
    ['id = "W-1"\n', '', ['assay.toml:2:1: waiver.0 has no id']],
    ['rule = "integrity/unpinned"\n', '', ['assay.toml:2:1: waiver.0 has no rule']],
    ['reason = "a reason of enough letters"\n', '', ['assay.toml:2:1: waiver.0 has no reason']],
    ['owner = "team@example.org"\n', '', ['assay.toml:2:1: waiver.0 has no owner']],
    ['expires = 2026-12-01\n', '', ['assay.toml:2:1: waiver.0 has no expires']],
    ['component = "pkg:cargo/serde"\n', '', ['assay.toml:2:1: waiver.0 must name a component or a subject']],
    ['a reason of enough letters', 'fourteen chars', ['assay.toml:6:10: waiver.0.reason must NOT have fewer than 15 characters']],
    ['"team@example.org"', '""', ['assay.toml:7:9: waiver.0.owner must NOT have fewer than 1 characters']],
    ['2026-12-01', '"2026-02-30"', ['assay.toml:8:11: 2026-02-30 is no day']],
    ['2026-12-01', '"2025-02-29"', ['assay.toml:8:11: 2025-02-29 is no day']],
    ['2026-12-01', '"2026-13-01"', ['assay.toml:8:11: 2026-13-01 is no day']],
    ['2026-12-01', '"1.12.2026"', ['assay.toml:8:11: waiver.0.expires must match pattern "^\\d{4}-\\d{2}-\\d{2}$"']],
    ['2026-12-01', '2026-12-01T00:00:00Z', ['assay.toml:8:11: waiver.0.expires must match pattern "^\\d{4}-\\d{2}-\\d{2}$"']],
    [
      'integrity/unpinned',
      'integrity/unpined',
      ['assay.toml:4:8: there is no rule integrity/unpined, did you mean integrity/unpinned?'],
    ],
    [
      'integrity/unpinned',
      'policy/waiver-expired',
      ['assay.toml:4:8: policy/waiver-expired is about the gate itself and cannot be waived; set its severity instead'],
    ],
    [
      'pkg:cargo/serde',
      'serde',
      ['assay.toml:5:13: "serde" is no component pattern: it must be written as pkg:TYPE/NAME, e.g. pkg:cargo/openssl@<0.10.66'],
    ],
    ['owner', 'ownr', ['assay.toml:2:1: waiver.0 has no owner', 'assay.toml:7:1: unknown key ownr, did you mean owner?']],
    ['owner', 'match = { name = 3 }\nowner', ['assay.toml:7:18: waiver.0.match.name must be string']],
  ])('%j → %j', (part, instead, expected) => {
    expect(problemsOf(WAIVER.replace(part, instead))).toEqual(expected)
  })

  it('have one id each, over all files', () => {
    expect(problemsOf(`${WAIVER}${WAIVER.replace('version = 1\n', '')}`)).toEqual([
      'assay.toml:10:6: the waiver W-1 is there twice',
    ])
    expect(problemsOf(`extends = ["./org.toml"]\n${WAIVER}`, { 'org.toml': WAIVER })).toEqual([
      'assay.toml:4:6: the waiver W-1 is there twice',
    ])
  })
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Ajv from 'ajv'
import { describe, expect, it } from 'vitest'
import { doctorJson } from '../../src/formats/doctor-json.js'
import { doctorText } from '../../src/formats/doctor-text.js'
import type { DoctorReport, SourceReport } from '../../src/model/doctor.js'
import { PLAIN } from '../../src/model/style.js'
import { golden } from './support/golden.js'

const SOURCE: SourceReport = {
  role: 'registry',
  name: 'crates-io',
  url: 'https://index.crates.io/',
  from: { kind: 'default' },
  meaning: 'cargo asks the public registry itself.',
  state: 'fine',
  problems: [],
  questions: [
    {
      what: 'config.json',
      url: 'https://index.crates.io/config.json',
      outcome: 'answered',
      status: 200,
      latencyMs: [31, 12, 13],
      asks: 3,
      remark: 'archives come from static.crates.io',
    },
    {
      what: 'checksum of lazy_static 1.5.0',
      url: 'https://index.crates.io/la/zy/lazy_static',
      outcome: 'answered',
      status: 200,
      latencyMs: [9, 8, 8],
      asks: 3,
      answer: { value: 'ab12', agreement: 'same' },
    },
  ],
  protocol: 'h2',
  certificate: {
    subject: 'index.crates.io',
    issuer: 'Example CA',
    validFrom: '2026-01-01T00:00:00Z',
    validTo: '2027-01-01T00:00:00Z',
  },
  repeat: ['curl -sS https://index.crates.io/config.json'],
}

/** One source of each state, and every form that a line can have. */
const REPORT: DoctorReport = {
  exitCode: 1,
  timestamp: '2026-11-28T12:00:00Z',
  offline: false,
  ecosystems: [
    {
      ecosystem: 'cargo',
      sources: [
        SOURCE,
        {
          ...SOURCE,
          name: 'ours',
          url: 'https://crates.example.org/',
          from: { kind: 'file', location: { file: '.cargo/config.toml', line: 7, column: 1 } },
          state: 'unreachable',
          protocol: undefined,
          questions: [
            {
              what: 'config.json',
              url: 'https://crates.example.org/config.json',
              outcome: 'failed',
              failure: 'tls-expired',
              why: 'crates.example.org shows a certificate that has expired',
              help: 'Renew the certificate on the server, and check the clock of this machine.',
              latencyMs: [],
              asks: 1,
            },
          ],
        },
      ],
    },
    {
      ecosystem: 'go',
      sources: [
        {
          role: 'proxy',
          name: 'GOPROXY, 1 of 2',
          url: 'https://proxy.example.org',
          from: { kind: 'variable', name: 'GOPROXY' },
          meaning: 'Asked first.',
          state: 'advice',
          problems: [{ code: 'comma-stops-at-errors', weight: 'advice', why: 'the next is no stand-in', fix: 'put "|" between' }],
          questions: [
            {
              what: 'golang.org/x/text v0.3.0 .mod',
              url: 'https://proxy.example.org/golang.org/x/text/@v/v0.3.0.mod',
              outcome: 'absent',
              status: 404,
              why: 'it works, and does not have it',
              latencyMs: [20],
              asks: 1,
              redirectedTo: 'https://cdn.example.org/x',
            },
          ],
          repeat: ['go env GOPROXY'],
        },
        {
          role: 'proxy',
          name: 'GOPROXY, 2 of 2',
          from: { kind: 'user-file', file: '~/.config/go/env', line: 2 },
          meaning: 'direct',
          state: 'explained',
          problems: [],
          questions: [],
          repeat: [],
        },
        {
          role: 'checksum-database',
          name: 'GOSUMDB',
          from: { kind: 'policy', file: 'assay.toml' },
          meaning: 'off',
          state: 'unsafe',
          problems: [{ code: 'checks-off', weight: 'unsafe', why: 'nothing is compared', fix: 'unset GOSUMDB' }],
          unasked: 'its host is not among the allowed ones',
          questions: [],
          repeat: [],
        },
      ],
    },
    {
      ecosystem: 'nimble',
      sources: [
        {
          ...SOURCE,
          role: 'package-list',
          name: 'Official',
          url: 'https://lists.example.org/packages.json',
          state: 'unsafe',
          problems: [{ code: 'different-answer', weight: 'unsafe', why: 'it lies', fix: 'do not use it' }],
          questions: [
            {
              what: 'the list',
              url: 'https://lists.example.org/packages.json',
              outcome: 'answered',
              status: 200,
              latencyMs: [1],
              asks: 3,
              answer: { value: 'evil\u001b[2J\u202e', agreement: 'different' },
              remark: '::error::2 packages',
            },
          ],
        },
      ],
    },
    { ecosystem: 'zig', sources: [] },
  ],
  surroundings: {
    httpsProxy: 'http://proxy.example.org:3128',
    extraAuthorities: 1,
    problems: [{ code: 'checks-off', weight: 'unsafe', why: 'NODE_TLS_REJECT_UNAUTHORIZED is set', fix: 'unset it' }],
  },
  trustRoots: [
    {
      name: 'sigstore',
      sha256: 'a'.repeat(64),
      confirmed: '2026-11-05',
      newestFrom: '2025-09-23T00:00:00Z',
      firstEnd: '2031-01-01T00:00:00Z',
      problems: [{ code: 'trust-root-old', weight: 'advice', why: 'it is old', fix: 'use a newer one' }],
    },
  ],
}

const text = (report: DoctorReport): string => doctorText(report, PLAIN).join('')

describe('a doctor’s report', () => {
  it('for people, whole', () => {
    expect(text(REPORT)).toBe(golden('doctor.txt', text(REPORT)))
  })

  it('says in words what marks and colours say', () => {
    const lines = text(REPORT).split('\n')
    expect(lines.filter((line) => /^ {2}[✓✗!·] /.test(line)).map((line) => line.slice(4, 14).trim())).toEqual([
      'ok',
      'NO ANSWER',
      'look at',
      'noted',
      'UNSAFE',
      'UNSAFE',
    ])
    expect(lines.every((line) => !line.includes('\u001b') && !line.includes('\u202e'))).toBe(true)
  })

  it('ends with what to do', () => {
    const last = (exitCode: DoctorReport['exitCode'], offline = false): string | undefined =>
      text({ ...REPORT, exitCode, offline })
        .trimEnd()
        .split('\n')
        .at(-1)
    expect(last(0)).toMatch(/^All sources work\. 6 sources: 1 ok, 1 to look at, 2 unsafe, 1 without answer/)
    expect(last(0, true)).toMatch(/^Nothing unsafe is configured\./)
    expect(last(1)).toMatch(/^Something is unsafe/)
    expect(last(3)).toMatch(/^Not every source answers/)
    expect(last(4)).toMatch(/^What is configured cannot be read/)
  })

  it('as JSON fits its schema, and nothing else does', () => {
    const schema: object = JSON.parse(readFileSync(join(import.meta.dirname, '../../schemas/doctor.schema.json'), 'utf8'))
    const validate = new Ajv.default({ strict: true, allErrors: true }).compile(schema)
    const document: object = JSON.parse(doctorJson(REPORT).join(''))
    validate(document)
    expect(validate.errors).toBeNull()
    expect(validate({ ...document, extra: 1 })).toBe(false)
    expect(validate({ ...document, exitCode: 2 })).toBe(false)
  })
})

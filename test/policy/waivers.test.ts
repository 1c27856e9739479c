import { describe, expect, it } from 'vitest'
import type { Waiver } from '../../src/policy/config.js'
import { component } from '../support/graphs.js'
import { gate, SERDE, speaking, waiverOf } from './support/gate-cases.js'
import { appWith } from './support/rule-cases.js'

/** Whether a waiver covers the one finding about serde 1.0.0. */
function covers(rest: Partial<Waiver>): boolean {
  const [finding] = gate({ config: { waivers: [waiverOf(rest)] } }).findings.filter((f) => f.rule === 'test/bad')
  return finding?.status === 'waived' && finding.waiver === 'W-1'
}

describe('what a waiver covers', () => {
  it.each<readonly [string, Partial<Waiver>, boolean]>([
    ['any version', {}, true],
    ['this version', { component: 'pkg:cargo/serde@1.0.0' }, true],
    ['the next version is not this one', { component: 'pkg:cargo/serde@1.0.1' }, false],
    ['a range that holds it', { component: 'pkg:cargo/serde@>=1,<2' }, true],
    ['a range that does not', { component: 'pkg:cargo/serde@<1' }, false],
    ['a name with a star', { component: 'pkg:cargo/ser*' }, true],
    ['another ecosystem', { component: 'pkg:golang/serde' }, false],
    ['another rule', { rule: 'test/other' }, false],
    ['its file', { paths: ['Cargo.lock'] }, true],
    ['one of several files', { paths: ['x/**', '*.lock'] }, true],
    ['another file', { paths: ['tools/**'] }, false],
    ['its discriminator', { match: { name: 'serde' } }, true],
    ['another discriminator', { match: { name: 'serde_json' } }, false],
    ['one the finding does not have', { match: { advisory: 'X' } }, false],
    ['what every object has', { match: { constructor: 'Object' } }, false],
    ['a subject by the file it is in', { component: undefined, subject: 'Cargo.lock' }, true],
    ['a subject by its own name', { component: undefined, subject: SERDE.id }, true],
    ['another subject', { component: undefined, subject: 'Cargo.toml' }, false],
    ['a component and a subject that both fit', { subject: 'Cargo.lock' }, true],
    ['a component that fits and a subject that does not', { subject: 'Cargo.toml' }, false],
    ['its last day', { expires: '2026-08-01' }, true],
    ['a day past', { expires: '2026-07-31' }, false],
    ['what is no pattern', { component: 'serde' }, false],
  ])('%s', (_name, rest, expected) => {
    expect(covers(rest)).toBe(expected)
  })

  it('a finding about a requirement by the package it names, not only by the one that has it', () => {
    const says = speaking('test/bad', 'error', {
      evaluate: ({ graph }) => ({
        checked: 1,
        findings: [{ component: graph.components[0]?.id, subject: 'app', message: 'm', fix: 'f', data: { name: 'itoa' } }],
      }),
    })
    const statusUnder = (pattern: string) =>
      gate({ rules: [says], config: { waivers: [waiverOf({ component: pattern })] } }).findings.find((f) => f.rule === 'test/bad')
        ?.status
    expect(statusUnder('pkg:cargo/itoa')).toBe('waived')
    expect(statusUnder('pkg:cargo/app')).toBe('waived')
    // The version would be that of the package that has the requirement.
    expect(statusUnder('pkg:cargo/itoa@0.1.0')).toBe('open')
  })

  it('nothing without a component when it names one, nothing without a place when it names paths', () => {
    const says = speaking('test/bad', 'error', {
      evaluate: () => ({ checked: 1, findings: [{ subject: 'tree', message: 'm', fix: 'f' }] }),
    })
    const statusUnder = (rest: Partial<Waiver>) =>
      gate({ rules: [says], config: { waivers: [waiverOf(rest)] } }).findings.find((f) => f.rule === 'test/bad')?.status
    expect(statusUnder({})).toBe('open')
    expect(statusUnder({ component: undefined, subject: 'tree', paths: ['**'] })).toBe('open')
    expect(statusUnder({ component: undefined, subject: 'tree' })).toBe('waived')
  })

  it('what is unverified, too', () => {
    const says = speaking('test/bad', 'error', {
      evaluate: () => ({ checked: 1, findings: [{ subject: 'log', message: 'm', fix: 'f', state: 'unverified' }] }),
    })
    const verdict = gate({ rules: [says], config: { waivers: [waiverOf({ component: undefined, subject: 'log' })] } })
    expect(verdict).toMatchObject({ outcome: 'clean', exitCode: 0 })
  })
})

describe('several waivers of one rule', () => {
  const graph = appWith([SERDE, component('itoa')])
  const statuses = (...waivers: Waiver[]) =>
    Object.fromEntries(
      gate({ graph, config: { waivers } }).findings.map((f) => [
        f.rule === 'test/bad' ? f.message : f.rule,
        f.waiver ?? f.status,
      ]),
    )

  it('each cover their own', () => {
    expect(statuses(waiverOf(), waiverOf({ id: 'W-2', component: 'pkg:cargo/itoa' }))).toEqual({
      'serde is bad': 'W-1',
      'itoa is bad': 'W-2',
    })
  })

  it('a live one holds although an older one has ended, which is then only to be deleted', () => {
    expect(statuses(waiverOf({ expires: '2026-07-31' }), waiverOf({ id: 'W-2', component: 'pkg:cargo/**' }))).toEqual({
      'serde is bad': 'W-2',
      'itoa is bad': 'W-2',
      'policy/waiver-unused': 'open',
    })
  })
})

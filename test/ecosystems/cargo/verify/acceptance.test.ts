import { describe, expect, it } from 'vitest'
import { MemoryTree } from '../../../support/memory-tree.js'
import { findings, lockOf, rowOf, ScriptedDesk, serve, testDesk, verifyTree } from './support.js'

const LOCKED = 'a13c5e67459f56a132843439b6e4d48e87876123a35255f367ec71544415871f'
const PUBLISHED = '7253ab4de971e72fb7be983802300c30b5a7f0c2e56fab8abfc6a214307c0094'
const TREE = new MemoryTree({ 'Cargo.lock': lockOf([{ name: 'serde', version: '1.0.203', checksum: LOCKED }]) })

describe('a lockfile with another checksum than the registry', () => {
  it('is told with both, by the sparse index of the public registry', async () => {
    const rows =
      rowOf('serde', '1.0.202', '11'.repeat(32)) + rowOf('serde', '1.0.203', PUBLISHED, { pubtime: '2024-05-25T22:43:41Z' })
    const desk = new ScriptedDesk({ 'https://index.crates.io/se/rd/serde': rows })
    const result = await verifyTree(TREE, { desk })
    const { evidence, facts } = result
    const found = findings(result).filter(({ rule }) => rule === 'integrity/lock-checksum-mismatch')
    expect(found.map(({ location, severity }) => [location?.file, location?.line, severity])).toEqual([
      ['Cargo.lock', 7, 'error'],
    ])
    expect(found[0]?.message).toContain(LOCKED)
    expect(found[0]?.message).toContain(PUBLISHED)
    expect(evidence).toEqual([
      {
        subject: 'cargo:serde@1.0.203|registry+https://github.com/rust-lang/crates.io-index',
        check: 'cargo/index-checksum',
        verdict: 'mismatch',
        authority: { kind: 'registry', name: 'https://index.crates.io/' },
        expected: LOCKED,
        observed: PUBLISHED,
        stored: 'ab'.repeat(32),
        at: '2026-01-01T00:00:00Z',
        why: undefined,
      },
    ])
    expect(facts.map(({ kind, data }) => [kind, data])).toEqual([
      ['cargo/published', { at: '2024-05-25T22:43:41Z', registry: 'https://index.crates.io/' }],
    ])
    expect(desk.asked).toEqual(['https://index.crates.io/se/rd/serde'])
  })

  it('is told by a mirror on loopback and then asks the registry itself', async () => {
    const { origin, seen } = await serve((_, request, response) => {
      response.end(request.url === '/index/se/rd/serde' ? rowOf('serde', '1.0.203', PUBLISHED) : '{"dl":"x"}')
    })
    const mirrors = [{ url: `sparse+${origin}/index/`, of: 'crates.io' }]
    const { evidence } = await verifyTree(TREE, {
      desk: testDesk({ policy: { allowHosts: ['127.0.0.1'] } }),
      sources: { mirrors },
    })
    expect(evidence.map(({ verdict, authority, expected, observed }) => [verdict, authority?.name, expected, observed])).toEqual([
      ['mismatch', `${origin}/index/`, LOCKED, PUBLISHED],
      ['unavailable', 'https://index.crates.io/', LOCKED, undefined],
    ])
    expect(seen).toEqual(['/index/se/rd/serde'])
  })
})

import { describe, expect, it } from 'vitest'
import { fileListDigest } from '../../src/ecosystems/file-list.js'
import { inOrder } from '../../src/ecosystems/in-order.js'
import { Turns } from '../../src/ecosystems/turns.js'
import type { Component } from '../../src/model/component.js'
import { component } from '../support/graphs.js'

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('work in turns', () => {
  it('runs so much at a time, in the order it came, also after failures', async () => {
    const turns = new Turns(3)
    let running = 0
    let most = 0
    const begun: number[] = []
    const work = Array.from({ length: 20 }, (_, i) =>
      turns.take(async () => {
        begun.push(i)
        running += 1
        most = Math.max(most, running)
        await pause()
        running -= 1
        if (i % 5 === 0) throw new Error(`${i}`)
        return i
      }),
    )
    const ended = await Promise.allSettled(work)
    expect(most).toBe(3)
    expect(begun).toEqual([...begun].sort((a, b) => a - b))
    expect(ended.map((one) => one.status === 'fulfilled')).toEqual(work.map((_, i) => i % 5 !== 0))
    expect(await turns.take(async () => 'free again')).toBe('free again')
  })

  it('tells components in their order, looking some ahead', async () => {
    const components = Array.from({ length: 30 }, (_, i) => component(`c${i}`, '1.0.0'))
    let running = 0
    let most = 0
    const told: string[] = []
    const verify = async (one: Component) => {
      running += 1
      most = Math.max(most, running)
      for (let i = 0; i < (one.name.length * 7) % 5; i++) await pause()
      running -= 1
      return [{ kind: 'evidence', evidence: { subject: one.id, check: 'x/y', verdict: 'match' } }] as const
    }
    const said: string[] = []
    for await (const one of inOrder(components, verify, (done, of) => told.push(`${done}/${of}`)))
      if (one.kind === 'evidence') said.push(one.evidence.subject)
    expect(said).toEqual(components.map(({ id }) => id))
    expect(told).toEqual(components.map((_, i) => `${i + 1}/30`))
    expect(most).toBe(8)
  })
})

describe('the digest of a list of files', () => {
  const files = [
    { path: 'b', kind: 'file', sha256: '0'.repeat(64) },
    { path: 'a\nfile', kind: 'link', sha256: '1'.repeat(64) },
  ] as const

  it('depends on every path, kind and content, and on no order', () => {
    const digest = fileListDigest(files).value
    expect(fileListDigest([...files].reverse()).value).toBe(digest)
    const others = [
      [],
      files.slice(1),
      files.map((one) => ({ ...one, kind: 'file' as const })),
      files.map((one) => ({ ...one, path: `${one.path}x` })),
      files.map((one) => ({ ...one, sha256: '2'.repeat(64) })),
    ].map((list) => fileListDigest(list).value)
    expect(new Set([digest, ...others]).size).toBe(6)
  })
})

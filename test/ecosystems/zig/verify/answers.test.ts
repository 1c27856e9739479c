import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Desk } from '../../../../src/evidence/desk/desk.js'
import { openDesk } from '../../../../src/evidence/desk/open-desk.js'
import { createHttpClient } from '../../../../src/evidence/http/client.js'
import { file, HandClock, online, type Serve, source, status } from '../../../evidence/desk/support/source.js'
import { makeTar } from '../../../support/make-tar.js'
import { archiveOf, dependency, findings, makePackage, only, project, run } from './support.js'

const GOOD = makePackage('good', {
  files: { 'src/root.zig': 'pub fn f() void {}\n', 'test/big.bin': 'left out' },
  paths: ['src'],
})

/** A client that waits for nobody. */
function impatient(): Desk {
  const http = () =>
    createHttpClient({
      retry: { attempts: 1 },
      timeouts: { connectMs: 300, headersMs: 200, bodyMs: 200 },
      giveUp: { urls: 1000 },
    })
  const desk = openDesk({ offline: false, http, clock: new HandClock() })
  onTestFinished(() => desk.close())
  return desk
}

const html: Serve = (_, response) =>
  void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>'.repeat(30))

describe('an answer', () => {
  const good = archiveOf(GOOD)
  const cut = good.subarray(0, good.length - 40)
  const bomb = gzipSync(makeTar([{ name: 'r/zeros', body: Buffer.alloc(24 * 1024 * 1024) }]))
  const ANSWERS: readonly (readonly [what: string, serve: Serve | undefined, verdict: string, why: RegExp])[] = [
    ['that is good', file(good), 'match', /^$/],
    ['404', undefined, 'absent', /does not have it \(status 404\)/],
    ['410', status(410), 'absent', /status 410/],
    ['401', status(401), 'unavailable', /refuses this without a credential \(status 401/],
    ['403', status(403, 'not for you'), 'unavailable', /refuses this without a credential \(status 403: not for you/],
    ['451', status(451), 'unavailable', /status 451/],
    ['500', status(500), 'unavailable', /failed to answer/],
    ['503', status(503), 'unavailable', /not available at the moment/],
    ['429', status(429), 'unavailable', /fewer requests/],
    ['that never comes', () => undefined, 'unavailable', /did not answer in time/],
    [
      'that stops in the middle',
      (_, response) => void response.writeHead(200, { 'content-length': good.length }).write(good.subarray(0, 50)),
      'unavailable',
      /stopped sending in the middle/,
    ],
    [
      'that is cut off',
      (_, response) => {
        response.writeHead(200, { 'content-length': good.length })
        response.write(good.subarray(0, 50), () => response.destroy())
      },
      'unavailable',
      /half an answer/,
    ],
    ['cut off by whoever holds it', file(cut), 'unavailable', /^no whole archive came: /],
    [
      'with a damaged byte',
      file(good.map((byte, i) => (i === good.length - 6 ? byte ^ 1 : byte))),
      'unavailable',
      /^no whole archive came/,
    ],
    ['that is the page of a login', html, 'unavailable', /^no whole archive came/],
    ['of nothing', file(''), 'unavailable', /^no whole archive came/],
    ['that is a bomb', file(bomb), 'not-checkable', /^archive\.unreadable: /],
    ['packed with bzip2', file('BZh91AY&SY'), 'not-checkable', /bzip2, which zig never reads/],
    ['with other files', file(archiveOf(makePackage('good'))), 'mismatch', /^it unpacks to \d+ bytes more than the \d+/],
    [
      'whose file of the same length differs',
      file(archiveOf(makePackage('good', { files: { 'src/root.zig': 'pub fn g() void {}\n' }, paths: ['src'] }))),
      'mismatch',
      /^it unpacks to as many bytes in all, and other content/,
    ],
    [
      'that is another version with the same files',
      file(
        archiveOf({
          ...makePackage('good', { files: { 'src/root.zig': 'pub fn f() void {}\n' }, paths: ['src'], version: '2.0.0' }),
          name: 'good',
        }),
      ),
      'mismatch',
      /^the files are the same, and the hash names another package or version/,
    ],
    [
      'that escapes',
      file(archiveOf(GOOD, 6, [{ name: 'good/../../evil', body: 'x' }])),
      'mismatch',
      /^archive\.path-escape: .*leads out of the archive/,
    ],
    [
      'that leads to plain http elsewhere',
      redirect('http://example.org/p.tar.gz'),
      'unavailable',
      /redirects to where the policy/,
    ],
    ['that leads to a file', redirect('file:///etc/passwd'), 'unavailable', /redirects to where the policy/],
    ['that goes in circles', redirect('/p.tar.gz'), 'unavailable', /in a circle/],
  ]

  it.each(ANSWERS)('%s', async (_, serve, verdict, why) => {
    const { origin, paths } = await source()
    if (serve !== undefined) paths.set('/p.tar.gz', serve)
    const url = `${origin}/p.tar.gz`
    const found = await run(project(dependency('good', url, GOOD.hash)), { desk: impatient() })
    const evidence = only(found, 'zig/package-hash')
    expect(evidence).toMatchObject({ verdict, expected: GOOD.hash, authority: { kind: 'artifact', name: url } })
    expect(evidence.why ?? '').toMatch(why)
    expect(findings(found, ['zig']).some((text) => /^zig\/(?:hash-mismatch|archive-escape)/.test(text))).toBe(
      verdict === 'mismatch',
    )
    // What is not verified does not become part of the graph.
    const [component] = found.graph.components.filter(({ name }) => name === 'good')
    expect(component?.edges.state).toBe(verdict === 'match' ? 'complete' : 'unknown')
  })

  it('with any damaged byte is never taken for another package', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const { origin, paths } = await source()
        const damaged = Buffer.from(good.map((byte, i) => (i === at ? byte ^ mask : byte)))
        paths.set('/p.tgz', file(damaged))
        const { verdict } = only(
          await run(project(dependency('good', `${origin}/p.tgz`, GOOD.hash)), online()),
          'zig/package-hash',
        )
        // Flags, time and system of gzip, or another way to compress the same bytes: a copy from another run of zeros.
        if (verdict === 'match') expect(gunzipSync(damaged).equals(gunzipSync(good))).toBe(true)
      }),
      { numRuns: 40, examples: [[199, 46]] },
    )
  })
})

function redirect(location: string): Serve {
  return (_, response) => void response.writeHead(302, { location }).end()
}

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkAddress, followRedirect } from '../../../src/evidence/git/address.js'
import { readCommit } from '../../../src/evidence/git/commit-object.js'
import { diagnose } from '../../../src/evidence/git/diagnose.js'
import { gitFailureText } from '../../../src/evidence/git/failures.js'
import { redirectIn } from '../../../src/evidence/git/http-trace.js'
import { objectId } from '../../../src/evidence/git/objects.js'
import { isRefName, readRefs } from '../../../src/evidence/git/refs.js'
import { readTree } from '../../../src/evidence/git/tree-object.js'
import { PATIENCE } from '../../support/patience.js'

const A = 'a'.repeat(40)
const B = 'b'.repeat(40)
const refs = (text: string, limit = 1000) => readRefs(Buffer.from(text), { refs: limit })

describe('a list of refs', () => {
  it('is read into branches, tags and HEAD', () => {
    const read = refs(
      `ref: refs/heads/main\tHEAD\n${A}\tHEAD\n${A}\trefs/heads/main\n${B}\trefs/tags/v1\n${A}\trefs/tags/v1^{}\n${A}\trefs/tags/v0\n${B}\trefs/pull/1/head\n`,
    )
    expect(read).toEqual({
      ok: true,
      refs: {
        objectFormat: 'sha1',
        head: { commit: A, branch: 'main' },
        branches: new Map([['main', A]]),
        tags: new Map([
          ['v1', { object: B, commit: A, annotated: true }],
          ['v0', { object: A, commit: A, annotated: false }],
        ]),
        others: 1,
        malformed: 0,
      },
    })
  })

  it.each([
    ['an id cut short', `${A.slice(1)}\trefs/heads/a\n`],
    ['an id in capitals', `${A.toUpperCase()}\trefs/heads/a\n`],
    ['no tab', `${A} refs/heads/a\n`],
    ['a peeled branch', `${A}\trefs/heads/a^{}\n`],
    ['what a tag leads to without the tag', `${A}\trefs/tags/a^{}\n`],
    ['what a tag leads to, twice', `${A}\trefs/tags/a\n${A}\trefs/tags/a^{}\n${B}\trefs/tags/a^{}\n`],
    ['a name twice', `${A}\trefs/tags/a\n${B}\trefs/tags/a\n`],
    ['a bad name', `${A}\trefs/heads/a b\n`],
    ['an empty line', `\n`],
  ])('counts %s', (_, text) => {
    const read = refs(text)
    expect(read.ok && read.refs.malformed).toBe(1)
    expect(read.ok && [...read.refs.tags.values()].some(({ object, commit }) => object === B || commit === B)).toBe(false)
  })

  it('has ids of one length', () => {
    expect(refs(`${A}\trefs/heads/a\n${'c'.repeat(64)}\trefs/heads/b\n`)).toMatchObject({ ok: false, failure: 'protocol-error' })
    expect(refs(`${'c'.repeat(64)}\trefs/heads/b\n`)).toMatchObject({ ok: true, refs: { objectFormat: 'sha256' } })
  })

  it('is read in linear time, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(readRefs(Buffer.from(bytes), { refs: 10 })).toHaveProperty('ok')
      }),
    )
    const started = performance.now()
    refs(`${A}\trefs/heads/${'x/'.repeat(500)}\n`.repeat(50_000), 100_000)
    refs('ref: '.repeat(2_000_000))
    expect(performance.now() - started).toBeLessThan(5000 * PATIENCE)
  })

  it('keeps every sound ref', () => {
    const name = fc
      .array(fc.constantFrom('a', 'B', '1', '-', '_', '.x', 'ü', '漢', '/', '@', "'", '$', '`', ';'), {
        minLength: 1,
        maxLength: 12,
      })
      .map((parts) => parts.join(''))
      .filter((text) => isRefName(`refs/heads/${text}`))
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 20 }), (names) => {
        const read = refs(names.map((text) => `${A}\trefs/heads/${text}\n`).join(''))
        expect(read.ok && [...read.refs.branches.keys()]).toEqual(names)
        expect(read.ok && read.refs.malformed).toBe(0)
      }),
    )
  })
})

describe('a tree object', () => {
  const item = (mode: string, name: string | Uint8Array, id = A): Buffer =>
    Buffer.concat([Buffer.from(`${mode} `), Buffer.from(name), Buffer.of(0), Buffer.from(id, 'hex')])

  it('is read in git order', () => {
    const bytes = Buffer.concat([item('100644', 'a'), item('100644', 'a.b'), item('40000', 'a0'), item('120000', 'b')])
    const read = readTree(bytes, 20)
    expect(read.ok && read.items.map(({ mode, name, id }) => [mode, Buffer.from(name).toString(), id])).toEqual([
      ['100644', 'a', A],
      ['100644', 'a.b', A],
      ['040000', 'a0', A],
      ['120000', 'b', A],
    ])
    // A folder sorts as if a slash followed: after `a.b`.
    expect(readTree(Buffer.concat([item('100644', 'a.b'), item('40000', 'a')]), 20).ok).toBe(true)
    expect(readTree(Buffer.concat([item('40000', 'a'), item('100644', 'a.b')]), 20).ok).toBe(false)
  })

  it.each([
    ['', 'a name is empty'],
    ['.', 'a name is .'],
    ['..', 'a name is ..'],
    ['.git', 'a name is .git'],
    ['.GiT', 'a name is .GiT'],
    ['a/b', 'a name holds a slash'],
  ])('with the name %j is refused', (name, why) => {
    expect(readTree(item('100644', name), 20)).toEqual({ ok: false, why })
  })

  it.each([
    ['two of one name', [item('100644', 'a'), item('100644', 'a')]],
    ['a file and a folder of one name', [item('100644', 'a'), item('40000', 'a')]],
    ['a mode that is none', [item('99', 'a')]],
    ['a mode that is too long', [item('00000100644', 'a')]],
    ['an id cut short', [item('100644', 'a').subarray(0, -1)]],
    ['no name', [Buffer.from('100644')]],
  ])('with %s is refused', (_, parts) => {
    expect(readTree(Buffer.concat(parts), 20).ok).toBe(false)
  })

  it('never throws, and comes out as it went in', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void readTree(bytes, 20)))
    const name = fc
      .uint8Array({ minLength: 1, maxLength: 6 })
      .filter((bytes) => !bytes.includes(0) && !bytes.includes(0x2f) && bytes[0] !== 0x2e)
    fc.assert(
      fc.property(fc.uniqueArray(name, { selector: (bytes) => Buffer.from(bytes).toString('hex'), maxLength: 8 }), (names) => {
        const sorted = names.sort(Buffer.compare)
        const read = readTree(Buffer.concat(sorted.map((bytes) => item('100644', bytes))), 20)
        expect(read.ok && read.items.map((one) => Buffer.from(one.name).toString('hex'))).toEqual(
          sorted.map((bytes) => Buffer.from(bytes).toString('hex')),
        )
      }),
    )
  })
})

describe('a commit object', () => {
  it('gives tree, parents, time and whether it is signed', () => {
    const text = `tree ${A}\nparent ${B}\nparent ${A}\nauthor A <a> 1 +0000\ncommitter C <c> 1700000000 -0700\ngpgsig -----BEGIN\n x\n\ntree ${B}\n`
    expect(readCommit(Buffer.from(text))).toEqual({ tree: A, parents: [B, A], committedAt: 1_700_000_000, signed: true })
    expect(readCommit(Buffer.from(`tree ${A}\ncommitter odd\n\n`))).toEqual({ tree: A, parents: [], signed: false })
  })

  it('without a tree is none', () => {
    for (const text of ['', '\n', `tree ${A}`, 'tree x\n\n', `\ntree ${A}\n`])
      expect(readCommit(Buffer.from(text))).toBeUndefined()
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void readCommit(bytes)))
  })

  it('has the id that git gives it', () => {
    // The empty tree and the empty file, whose ids every git knows.
    expect(objectId('tree', new Uint8Array(), 'sha1')).toBe('4b825dc642cb6eb9a060e54bf8d69288fbee4904')
    expect(objectId('blob', new Uint8Array(), 'sha1')).toBe('e69de29bb2d1d6434b8b29ae775ad8c2e48c5391')
    expect(objectId('tree', new Uint8Array(), 'sha256')).toBe('6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321')
  })
})

describe('an address', () => {
  const open = { file: true, http: 'any', ssh: true } as const
  it.each([
    ['https://host/a.git', 'https', 'https://host/a.git'],
    ['https://user:secret@host/a.git#main', 'https', 'https://host/a.git'],
    ['file:///a/b?x#y', 'file', 'file:///a/b'],
    ['git@host:a/b.git', 'ssh', 'git@host:a/b.git'],
    ['ssh://git@host:22/a', 'ssh', 'ssh://git@host:22/a'],
  ])('%s', (text, scheme, argument) => {
    expect(checkAddress(text, open)).toMatchObject({ ok: true, address: { scheme, argument } })
  })

  it('never gives git an option, user info or more than one word', () => {
    const piece = fc.constantFrom(
      '-',
      'o',
      'http://',
      'https://',
      'ssh://',
      'file:///',
      'ext::',
      'git@',
      'user:secret@',
      'host',
      ':',
      '/',
      ' ',
      '\n',
      '\0',
      '::',
      '%',
      '.',
      '[::1]',
      '#',
      '?',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece, { maxLength: 10 }).map((parts) => parts.join('')),
          fc.string(),
        ),
        (text) => {
          const checked = checkAddress(text, open)
          if (!checked.ok) {
            expect(checked.shown).not.toMatch(/^(?:[^/]*\/\/)?[^/?#]*@|[\u0000-\u001f]/)
            return
          }
          const { argument, url, scheme } = checked.address
          expect(argument).toMatch(/^(?:https?:\/\/|file:\/\/\/|ssh:\/\/|[A-Za-z0-9_][A-Za-z0-9._-]*@)[^\u0000-\u0020]+$/)
          expect(argument).not.toMatch(/^[A-Za-z0-9]+::/)
          expect(url).not.toMatch(/^[a-z]+:\/\/[^/?#]*@/)
          if (scheme !== 'ssh') expect(argument).not.toMatch(/^[a-z]+:\/\/[^/?#]*@/)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('is https unless the policy says more', () => {
    for (const text of ['http://host/a', 'http://127.0.0.1/a', 'file:///a/b', 'git@host:a', 'ssh://host/a', 'git://host/a'])
      expect(checkAddress(text, {})).toMatchObject({ ok: false, failure: 'scheme-not-allowed' })
    expect(checkAddress('https://host/a', {}).ok).toBe(true)
  })

  it('of a redirect keeps to the policy', () => {
    const from = checkAddress('https://user:secret@host/old.git', {})
    if (!from.ok) throw new Error('not ok')
    const to = (location: string) => followRedirect(from.address, location, {})
    expect(to('https://host/new.git/info/refs?service=git-upload-pack')).toMatchObject({
      ok: true,
      address: { argument: 'https://host/new.git', authorization: expect.anything() },
    })
    const other = to('https://other/new.git/info/refs?service=git-upload-pack&x=1')
    expect(other).toMatchObject({ ok: true, address: { argument: 'https://other/new.git?x=1' } })
    expect(other.ok && other.address.authorization).toBeUndefined()
    for (const location of [
      'http://host/a/info/refs',
      'https://127.0.0.1/a/info/refs',
      'https://10.1.2.3/a/info/refs',
      'file:///a/info/refs',
      'https://host/login',
      '::',
    ])
      expect(to(location)).toMatchObject({ ok: false, failure: 'redirect-refused' })
  })
})

describe('what git says', () => {
  it.each([
    [
      "fatal: unable to access 'https://h/x/': server certificate verification failed. CAfile: none CRLfile: none",
      'tls-untrusted',
    ],
    ["fatal: unable to access 'https://h/x/': SSL certificate problem: certificate has expired", 'tls-expired'],
    ["fatal: unable to access 'https://h/x/': SSL certificate problem: certificate is not yet valid", 'tls-not-yet-valid'],
    [
      "fatal: unable to access 'https://h/x/': SSL certificate problem: self-signed certificate in certificate chain",
      'tls-unknown-authority',
    ],
    ["fatal: unable to access 'https://h/x/': SSL certificate problem: self signed certificate", 'tls-self-signed'],
    [
      "fatal: unable to access 'https://h/x/': SSL: no alternative certificate subject name matches target host name 'h'",
      'tls-wrong-host',
    ],
    ["fatal: unable to access 'https://h/x/': Could not resolve proxy: p", 'proxy-unreachable'],
    ["fatal: unable to access 'https://h/x/': Received HTTP code 407 from proxy after CONNECT", 'proxy-needs-credentials'],
    ["fatal: unable to access 'https://h/x/': CONNECT tunnel failed, response 403", 'proxy-refused'],
    ["fatal: unable to access 'https://h/x/': Failed to connect to h port 443: Connection refused", 'connection-refused'],
    ["fatal: unable to access 'https://h/x/': Failed to connect to h port 443: Connection timed out", 'timeout-connect'],
    [
      "fatal: unable to access 'https://h/x/': Failed to connect to h port 443 after 1 ms: Couldn't connect to server",
      'connect-failed',
    ],
    ['fatal: the remote end hung up unexpectedly', 'cut-off'],
    ["fatal: detected dubious ownership in repository at '/x'", 'unsafe-owner'],
    ["error: unknown option `object-format=sha256'", 'git-too-old'],
    ['fatal: something nobody foresaw', 'git-failed'],
    ['', 'git-failed'],
  ])('%j', (stderr, failure) => {
    expect(diagnose({ kind: 'ended', status: 128, stdout: Buffer.alloc(0), stderr })).toMatchObject({ kind: 'failed', failure })
    expect(gitFailureText('git-failed').help).not.toBe('')
  })

  it('is not confused with what the other side says', () => {
    const stderr = "remote: fatal: repository 'x' not found\nremote: The requested URL returned error: 404\nfatal: early EOF\n"
    expect(diagnose({ kind: 'ended', status: 128, stdout: Buffer.alloc(0), stderr })).toMatchObject({ failure: 'cut-off' })
  })

  it('is read in linear time, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), (stderr) => {
        expect(diagnose({ kind: 'ended', status: 1, stdout: Buffer.alloc(0), stderr })).toHaveProperty('kind')
      }),
    )
    const started = performance.now()
    for (const piece of ['x: Permission denied (a,', "fatal: repository '", 'connect to ', 'object a', 'expected ', '\n'])
      diagnose({ kind: 'ended', status: 1, stdout: Buffer.alloc(0), stderr: piece.repeat(Math.floor(65_536 / piece.length)) })
    expect(performance.now() - started).toBeLessThan(2000 * PATIENCE)
  })

  it('holds the last redirect of a trace', () => {
    const line = (header: string): string => `10:00:00.000000 http.c:703  <= Recv header: ${header}\n`
    expect(redirectIn(line('HTTP/1.1 301 Moved') + line('Location: https://h/x') + line(''))).toBe('https://h/x')
    expect(redirectIn(line('HTTP/2 302') + line('location: /a') + line('HTTP/2 200') + line('content-type: x'))).toBeUndefined()
    expect(redirectIn('Location: https://evil/\n')).toBeUndefined()
  })
})

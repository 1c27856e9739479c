import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { judgeAllowed, readAllowedSigners } from '../../../src/trust/git/allowed-signers.js'
import type { GitVerdict } from '../../../src/trust/git/judge.js'
import { judgeGitSignature } from '../../../src/trust/git/judge.js'
import { readSignedCommit, readSignedTag } from '../../../src/trust/git/signed-object.js'
import { verifySshSignature } from '../../../src/trust/git/ssh-signature.js'
import { AUTHOR, has, Workshop } from './signing.js'

const KINDS: readonly (readonly [name: string, type: string, bits?: number])[] = [
  ['ed25519', 'ed25519'],
  ['p256', 'ecdsa', 256],
  ['p384', 'ecdsa', 384],
  ['p521', 'ecdsa', 521],
  ['rsa2048', 'rsa', 2048],
  ['rsa3072', 'rsa', 3072],
]

function allowed(text: string): ReturnType<typeof readAllowedSigners> & { ok: true } {
  const read = readAllowedSigners(text)
  if (!read.ok) throw new Error(read.why)
  return read
}

const reasonOf = (verdict: GitVerdict): string =>
  'reason' in verdict
    ? `${verdict.kind} ${verdict.reason}`
    : verdict.kind === 'verified'
      ? `verified ${verdict.signer}`
      : verdict.kind

describe.skipIf(!has('ssh-keygen', '-V') || !has('git', '--version'))('SSH signatures of git, made by ssh-keygen', () => {
  let shop: Workshop
  const keys = new Map<string, { path: string; public: string }>()
  const lines: string[] = []
  const key = (name: string): { path: string; public: string } => keys.get(name) ?? { path: '', public: '' }

  beforeAll(() => {
    shop = new Workshop()
    for (const [name, type, bits] of KINDS) keys.set(name, shop.sshKey(name, type, bits))
    keys.set('stranger', shop.sshKey('stranger', 'ed25519'))
    for (const [name] of KINDS) lines.push(`${AUTHOR} namespaces="git" ${key(name).public}`)
    shop.git('commit', '--quiet', '--allow-empty', '-m', 'nothing')
  }, 60_000)
  afterAll(() => shop.close())

  /** A commit and a tag of it signed with a key; the tag's id. */
  function sign(name: string, at?: number): { commit: string; tag: string } {
    const options = shop.ssh(key(name))
    shop.gitAt(at, ...options, 'commit', '--quiet', '--allow-empty', '-S', '-m', `by ${name}\n\nwith a body: ä`)
    shop.gitAt(at, ...options, 'tag', '--force', '-s', '-m', 'release', `by-${name}`)
    return { commit: shop.git('rev-parse', 'HEAD'), tag: shop.git('rev-parse', `refs/tags/by-${name}`) }
  }
  const judgeCommit = (id: string, list = lines): Promise<GitVerdict> =>
    judgeGitSignature(readSignedCommit(shop.object('commit', id), 'sha1'), { ssh: allowed(list.join('\n')).signers })
  const judgeTag = (bytes: Uint8Array, list = lines): Promise<GitVerdict> =>
    judgeGitSignature(readSignedTag(bytes), { ssh: allowed(list.join('\n')).signers })

  it.each(KINDS.map(([name]) => name))('verifies a commit and a tag by %s, as git does', async (name) => {
    const { commit, tag } = sign(name)
    expect(reasonOf(await judgeCommit(commit))).toBe(`verified ${AUTHOR}`)
    expect(reasonOf(await judgeTag(shop.object('tag', tag)))).toBe(`verified ${AUTHOR}`)
    const file = shop.write('allowed', `${lines.join('\n')}\n`)
    const git = ['-c', 'gpg.format=ssh', '-c', `gpg.ssh.allowedSignersFile=${file}`]
    expect(() => shop.git(...git, 'verify-commit', commit)).not.toThrow()
    expect(() => shop.git(...git, 'verify-tag', tag)).not.toThrow()
  })

  it('shows the fingerprint as ssh-keygen does', async () => {
    const { commit } = sign('ed25519')
    const shown = shop.run('ssh-keygen', '-l', '-f', `${key('ed25519').path}.pub`).split(' ')[1]
    expect(await judgeCommit(commit)).toMatchObject({ form: 'ssh', fingerprint: shown })
  })

  it('does not take a stranger for somebody who was named', async () => {
    const { commit, tag } = sign('stranger')
    expect(reasonOf(await judgeCommit(commit))).toBe('not-attributed trust/git-signer-unknown')
    expect(reasonOf(await judgeTag(shop.object('tag', tag)))).toBe('not-attributed trust/git-signer-unknown')
  })

  it('says without a list that nothing was checked', async () => {
    const { commit } = sign('ed25519')
    const verdict = await judgeGitSignature(readSignedCommit(shop.object('commit', commit), 'sha1'), {})
    expect(reasonOf(verdict)).toBe('not-checked trust/git-signature-unverified')
  })

  it('refuses a commit and a tag that were changed after they were signed', async () => {
    const { commit, tag } = sign('ed25519')
    for (const [from, to] of [
      ['by ed25519', 'by somebody'],
      ['Release <', 'Attacker <'],
    ] as const) {
      const changed = Buffer.from(Buffer.from(shop.object('commit', commit)).toString('latin1').replace(from, to), 'latin1')
      const verdict = await judgeGitSignature(readSignedCommit(changed, 'sha1'), { ssh: allowed(lines.join('\n')).signers })
      expect(reasonOf(verdict)).toBe('refused trust/git-signature-invalid')
    }
    const bytes = Buffer.from(shop.object('tag', tag)).toString('latin1')
    for (const changed of [
      bytes.replace('release', 'RELEASE'),
      bytes.replace('tag by-ed25519', 'tag by-ed25518'),
      bytes.replace(commit, commit.split('').reverse().join('')),
      bytes.replace('\n-----BEGIN', '\n\n-----BEGIN'),
    ]) {
      expect(changed).not.toBe(bytes)
      expect(reasonOf(await judgeTag(Buffer.from(changed, 'latin1')))).toBe('refused trust/git-signature-invalid')
    }
  })

  it('verifies no signature of which a byte was changed', () => {
    const { tag } = sign('p256')
    const { signature } = readSignedTag(shop.object('tag', tag))
    if (typeof signature === 'string') throw new Error(signature)
    const [begin = '', ...rest] = signature.armored.trimEnd().split('\n')
    const end = rest.pop() ?? ''
    const blob = Buffer.from(rest.join(''), 'base64')
    expect(verifySshSignature(signature.armored, signature.payload, 'git').kind).toBe('holds')
    for (let at = 0; at < blob.length; at += 1) {
      const changed = Buffer.from(blob)
      changed[at] = (changed[at] ?? 0) ^ 0x01
      const armored = `${begin}\n${changed.toString('base64')}\n${end}\n`
      expect(verifySshSignature(armored, signature.payload, 'git').kind).not.toBe('holds')
    }
    for (const armored of [
      signature.armored.replace('\n', '\n\n='),
      `${signature.armored}more\n`,
      `${begin}\n${blob.subarray(0, -1).toString('base64')}\n${end}\n`,
      `${begin}\n${Buffer.concat([blob, Buffer.alloc(3)]).toString('base64')}\n${end}\n`,
    ])
      expect(verifySshSignature(armored, signature.payload, 'git')).toMatchObject({ kind: 'refused', reason: 'malformed' })
  })

  it('refuses a signature that was made for another use', async () => {
    const { commit } = sign('ed25519')
    const body = Buffer.from(`object ${commit}\ntype commit\ntag v1\ntagger R <${AUTHOR}> 1700000000 +0000\n\nrelease\n`)
    const message = shop.write('message', body)
    shop.run('ssh-keygen', '-q', '-Y', 'sign', '-n', 'file', '-f', key('ed25519').path, message)
    const signature = shop.run('cat', `${message}.sig`)
    const verdict = await judgeTag(Buffer.concat([body, Buffer.from(signature)]))
    expect(verdict).toMatchObject({
      kind: 'refused',
      why: 'it was made for the namespace file, and not for git',
    })
  })

  it('refuses RSA keys that are too short', async () => {
    const short = shop.sshKey('rsa1024', 'rsa', 1024)
    shop.git(...shop.ssh(short), 'commit', '--quiet', '--allow-empty', '-S', '-m', 'short')
    const list = [`${AUTHOR} ${short.public}`]
    const verdict = await judgeCommit(shop.git('rev-parse', 'HEAD'), list)
    expect(verdict).toMatchObject({ kind: 'refused', why: 'an RSA key of 1024 bits, at least 2048' })
  })

  it('finds the signature of a repository of SHA-256', async () => {
    const other = new Workshop('sha256')
    try {
      other.git(...shop.ssh(key('ed25519')), 'commit', '--quiet', '--allow-empty', '-S', '-m', 'new')
      other.git(...shop.ssh(key('ed25519')), 'tag', '-s', '-m', 'release', 'v1')
      const signers = { ssh: allowed(lines.join('\n')).signers }
      const commit = other.object('commit', other.git('rev-parse', 'HEAD'))
      const tag = other.object('tag', other.git('rev-parse', 'refs/tags/v1'))
      expect(reasonOf(await judgeGitSignature(readSignedCommit(commit, 'sha256'), signers))).toBe(`verified ${AUTHOR}`)
      expect(reasonOf(await judgeGitSignature(readSignedTag(tag), signers))).toBe(`verified ${AUTHOR}`)
      // The header of the other hash signs another object.
      expect(readSignedCommit(commit, 'sha1').signature).toBe('malformed')
    } finally {
      other.close()
    }
  })

  it('agrees with ssh-keygen about what a list allows', () => {
    const AT = 1_700_000_000
    const { tag } = sign('ed25519', AT)
    const { signature } = readSignedTag(shop.object('tag', tag))
    if (typeof signature === 'string') throw new Error(signature)
    const verdict = verifySshSignature(signature.armored, signature.payload, 'git')
    if (verdict.kind !== 'holds') throw new Error(verdict.why)
    const own = key('ed25519').public
    const file = shop.write('signature', signature.armored)
    const results = [
      `${AUTHOR} ${own}`,
      `# nothing\n\n${AUTHOR} ${own} a comment`,
      `"${AUTHOR}" ${own}`,
      `*@example.org,other ${own}`,
      `${AUTHOR} namespaces="git" ${own}`,
      `${AUTHOR} namespaces="file,git" ${own}`,
      `${AUTHOR} namespaces="g*" ${own}`,
      `${AUTHOR} namespaces="file" ${own}`,
      `${AUTHOR} namespaces="*,!git" ${own}`,
      `${AUTHOR} valid-after="20231114Z" ${own}`,
      `${AUTHOR} valid-after="20231114221320Z" ${own}`,
      `${AUTHOR} valid-after="20231114221321Z" ${own}`,
      `${AUTHOR} valid-before="20231114221320Z" ${own}`,
      `${AUTHOR} valid-before="20231114221319Z" ${own}`,
      `${AUTHOR} valid-before="20231115Z",namespaces="git" ${own}`,
      `${AUTHOR} valid-before="20220101Z" ${own}\n${AUTHOR} valid-after="20230101Z" ${own}`,
      `${AUTHOR} ${key('stranger').public}`,
      `${AUTHOR} cert-authority ${own}`,
      `${AUTHOR} valid-before="yesterday" ${own}`,
      `${AUTHOR} valid-before="20220101Z",valid-before="20400101Z" ${own}`,
      `${AUTHOR} namespaces="file",namespaces="git" ${own}`,
      `${AUTHOR} VALID-BEFORE="20220101Z" ${own}`,
      `${AUTHOR} namespaces="g?t" ${own}`,
      `${AUTHOR} namespaces="*,!git" ${own}`,
      `${AUTHOR} namespaces="[g]it" ${own}`,
      `${AUTHOR} namespaces="git", ${own}`,
      `"${AUTHOR}" ${own}`,
    ].map((text) => {
      const list = shop.write('list', `${text}\n`)
      const theirs = spawnSync(
        'ssh-keygen',
        ['-Y', 'verify', '-n', 'git', '-f', list, '-I', AUTHOR, '-s', file, `-Overify-time=20231114221320Z`],
        { input: signature.payload, env: { ...shop.environment, TZ: 'UTC' } },
      )
      const read = readAllowedSigners(text)
      const ours = read.ok && judgeAllowed(read.signers, verdict.keyBlob, 'git', AT).kind === 'allowed'
      return { text, ours, theirs: theirs.status === 0 }
    })
    expect(results.filter(({ ours, theirs }) => ours !== theirs)).toEqual([])
    expect(results.filter(({ ours }) => ours)).toHaveLength(14)
  })
})

describe('allowed signers', () => {
  const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0QvO4jkRb2m9HhV7VgPqxFhVh3oYzqTqkG1pO2WJ8m'

  it.each([
    [
      `a@example cert-authority ${KEY}`,
      'line 1: certificates of SSH (cert-authority) are not supported: list the keys themselves',
    ],
    [`# fine\na@example frobnicate ${KEY}`, 'line 2: its options cannot be read (frobnicate)'],
    [`a@example valid-before="20220101Z",valid-before="20400101Z" ${KEY}`, 'line 1: it gives valid-before twice'],
    [`a@example namespaces="" ${KEY}`, 'line 1: its namespaces cannot be read'],
    [`a@example valid-after="20230230Z" ${KEY}`, 'line 1: its valid-after is no time (YYYYMMDD or YYYYMMDDHHMM[SS], with Z)'],
    ['a@example ssh-ed25519', 'line 1: it names no key'],
    ['a@example ssh-ed25519 AAAA', 'line 1: the key has no type'],
    [KEY.replace('ssh-ed25519', 'a ssh-rsa'), 'line 1: it calls a key ssh-rsa that is of another type'],
    [`a@example namespaces="git ${KEY}`, 'line 1: it does not begin with who may sign'],
  ])('refuses %s', (text, why) => {
    expect(readAllowedSigners(text)).toEqual({ ok: false, why })
  })

  it('keeps a key that cannot be used, which allows nothing', () => {
    const blob = Buffer.concat([Buffer.from([0, 0, 0, 26]), Buffer.from('sk-ssh-ed25519@openssh.com')])
    const read = readAllowedSigners(`a@example sk-ssh-ed25519@openssh.com ${blob.toString('base64')}`)
    expect(read.ok && read.signers).toHaveLength(1)
  })

  it('does not let a line with a window of time allow what states no time', () => {
    const read = readAllowedSigners(`a@example valid-before="21000101Z" ${KEY}\na@example valid-after="19700101Z" ${KEY}`)
    const blob = read.ok ? read.signers[0]?.keyBlob : undefined
    if (!read.ok || blob === undefined) throw new Error('not read')
    expect(judgeAllowed(read.signers, blob, 'git', undefined).kind).toBe('not-allowed')
    expect(judgeAllowed(read.signers, blob, 'git', 0).kind).toBe('allowed')
  })
})

describe('any bytes', () => {
  const armored = (blob: Uint8Array): string =>
    `-----BEGIN SSH SIGNATURE-----\n${Buffer.from(blob).toString('base64')}\n-----END SSH SIGNATURE-----\n`
  const words = fc.constantFrom('SSHSIG', 'git', 'sha512', 'ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp256', 'nistp256', '')
  /** Strings with their lengths, some of which lie. */
  const blobs = fc
    .array(
      fc.tuple(
        fc.oneof(
          words.map((word) => Buffer.from(word)),
          fc.uint8Array({ maxLength: 40 }),
        ),
        fc.integer({ min: -2, max: 2 }),
      ),
      {
        maxLength: 8,
      },
    )
    .map((parts) =>
      Buffer.concat([
        Buffer.from('SSHSIG\0\0\0\u0001'),
        ...parts.flatMap(([bytes, lie]) => {
          const length = Buffer.alloc(4)
          length.writeUInt32BE(Math.max(0, bytes.length + lie))
          return [length, bytes]
        }),
      ]),
    )

  it('are no signature, and end nothing', () => {
    fc.assert(
      fc.property(fc.oneof(blobs, fc.uint8Array()), (blob) => {
        expect(verifySshSignature(armored(blob), Buffer.from('message'), 'git').kind).not.toBe('holds')
      }),
    )
  })

  it('are a list of signers or refused with the line', () => {
    const lines = fc.array(
      fc.constantFrom(
        'a@example',
        ' ',
        '\t',
        '"',
        ',',
        'namespaces="git"',
        'valid-after="20230101Z"',
        '#',
        '\n',
        'ssh-ed25519',
        '=',
      ),
    )
    fc.assert(
      fc.property(
        fc.oneof(
          lines.map((parts) => parts.join('')),
          fc.string(),
        ),
        (text) => {
          const read = readAllowedSigners(text)
          if (!read.ok) expect(read.why).toMatch(/^line \d+: /)
          else expect(read.signers).toEqual([])
        },
      ),
    )
  })
})

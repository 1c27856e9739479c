import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { askCredentialHelper } from '../../../src/evidence/registry/credential-helper.js'
import { dockerConfigPaths, RegistryLogins } from '../../../src/evidence/registry/registry-logins.js'

const isPosix = process.platform !== 'win32'

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'assay-logins-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** A program of that name that runs this shell script. */
function helper(at: string, name: string, script: string): string {
  const path = join(at, `docker-credential-${name}`)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}

const SAYS = `read server; echo "{\\"ServerURL\\":\\"$server\\",\\"Username\\":\\"user\\",\\"Secret\\":\\"of $server $1\\"}"`

async function asked(name: string, at: string, server = 'r.example'): Promise<unknown> {
  const answer = await askCredentialHelper(name, server, { PATH: `${at}:/usr/bin:/bin` })
  if (!answer.ok) return answer.why
  const { login } = answer
  if (login?.kind === 'identity-token') return `token ${login.token.reveal()}`
  return login && Buffer.from(login.authorization.reveal().slice('Basic '.length), 'base64').toString()
}

describe.skipIf(!isPosix)(`a credential helper${isPosix ? '' : ' (skipped: it is a shell script here)'}`, () => {
  it('is told the server on its input, and answers JSON', async () => {
    const at = folder()
    helper(at, 'good', SAYS)
    expect(await asked('good', at)).toBe('user:of r.example get')
    helper(at, 'token', `echo '{"Username":"<token>","Secret":"identity"}'`)
    expect(await asked('token', at)).toBe('token identity')
  })

  it.each([
    ['ends with another status', 'echo "credentials not found"; exit 1', undefined],
    ['prints something else', 'echo nonsense', 'docker-credential-x answered something else than a login'],
    ['prints half of it', `echo '{"Username":"u"}'`, 'docker-credential-x answered something else than a login'],
    [
      'prints without end',
      'while :; do echo 0123456789012345678901234567890123456789; done',
      'docker-credential-x did not end within 10 seconds, or printed too much',
    ],
    ['does not read its input', `exec <&-; echo '{"Username":"u","Secret":"s"}'`, 'u:s'],
  ])('that %s does no harm', async (_, script, expected) => {
    const at = folder()
    helper(at, 'x', script)
    expect(await asked('x', at)).toBe(expected)
  })

  it('is run by name from the folders of programs alone, and by no shell', async () => {
    const at = folder()
    mkdirSync(join(at, 'sub'))
    helper(join(at, 'sub'), 'x', SAYS)
    writeFileSync(join(at, 'docker-credential-text'), 'no program')
    for (const name of ['../x', 'sub/x', 'x;id', '$(id)', '', ' ', 'a'.repeat(101), 'x\0'])
      expect([name, await asked(name, at)]).toEqual([name, 'the name of the credential helper is malformed'])
    expect(await asked('text', at)).toBe('docker-credential-text is not installed')
    expect(await asked('x', join(at, 'sub'))).toBe('user:of r.example get')
    const here = relative(process.cwd(), join(at, 'sub'))
    expect(await askCredentialHelper('x', 'r.example', { PATH: `${here}:.:` })).toEqual({
      ok: false,
      why: 'docker-credential-x is not installed',
    })
    const proof = join(at, 'proof')
    helper(at, 'quoted', `${SAYS}`)
    await asked('quoted', at, `r.example; touch ${proof}`)
    expect(() => readFileSync(proof)).toThrow('ENOENT')
  })

  it('is asked once for a host, and by the name that it keeps Docker Hub under', async () => {
    const at = folder()
    const config = join(at, 'docker')
    mkdirSync(config)
    const log = join(at, 'log')
    helper(at, 'x', `read server; echo "$server" >> ${log}; echo "{\\"Username\\":\\"u\\",\\"Secret\\":\\"s\\"}"`)
    writeFileSync(join(config, 'config.json'), JSON.stringify({ credsStore: 'x' }))
    const notices: string[] = []
    const logins = new RegistryLogins({ PATH: `${at}:/usr/bin:/bin`, DOCKER_CONFIG: config }, at, (notice) =>
      notices.push(notice),
    )
    const found = await Promise.all(
      [
        ['registry-1.docker.io', 'library/nginx'],
        ['registry-1.docker.io', 'library/redis'],
        ['r.example:5000', 'acme/app'],
        ['r.example:5000', 'acme/other'],
      ].map(([host = '', repository = '']) => logins.find(host, repository)),
    )
    expect(found.map((login) => login?.kind)).toEqual(['basic', 'basic', 'basic', 'basic'])
    expect(readFileSync(log, 'utf8').trim().split('\n').sort()).toEqual(['https://index.docker.io/v1/', 'r.example:5000'])
    expect(notices).toEqual([])
  })
})

describe('the files of logins', () => {
  it('are those of docker, then those of podman', () => {
    expect(dockerConfigPaths({}, '/home/x')).toEqual([join('/home/x', '.docker', 'config.json')])
    expect(dockerConfigPaths({ DOCKER_CONFIG: '/d', REGISTRY_AUTH_FILE: '/a.json', XDG_RUNTIME_DIR: '/run' }, '/home/x')).toEqual(
      [join('/d', 'config.json'), '/a.json', join('/run', 'containers', 'auth.json')],
    )
    expect(dockerConfigPaths({ DOCKER_CONFIG: '' }, '/home/x')).toEqual([join('/home/x', '.docker', 'config.json')])
  })

  it('count in that order; what cannot be read is told', async () => {
    const home = folder()
    mkdirSync(join(home, '.docker'))
    const entry = (text: string): object => ({ auth: Buffer.from(text).toString('base64') })
    writeFileSync(join(home, '.docker', 'config.json'), JSON.stringify({ auths: { 'r.example': entry('docker:1') } }))
    const auth = join(home, 'auth.json')
    writeFileSync(auth, JSON.stringify({ auths: { 'r.example': entry('podman:2'), 'docker.io': entry('hub:3') } }))
    const notices: string[] = []
    const find = async (environment: Record<string, string>, host: string): Promise<string | undefined> => {
      const login = await new RegistryLogins(environment, home, (notice) => notices.push(notice)).find(host, 'acme/app')
      return login?.kind === 'basic' ? Buffer.from(login.authorization.reveal().slice(6), 'base64').toString() : undefined
    }
    expect(await find({ REGISTRY_AUTH_FILE: auth }, 'r.example')).toBe('docker:1')
    expect(await find({ REGISTRY_AUTH_FILE: auth, DOCKER_CONFIG: join(home, 'none') }, 'r.example')).toBe('podman:2')
    expect(await find({ REGISTRY_AUTH_FILE: auth }, 'registry-1.docker.io')).toBe('hub:3')
    expect(await find({}, 'other.example')).toBeUndefined()
    expect(notices).toEqual([])
    writeFileSync(auth, 'not json')
    expect(await find({ REGISTRY_AUTH_FILE: auth }, 'other.example')).toBeUndefined()
    expect(await find({ REGISTRY_AUTH_FILE: home }, 'other.example')).toBeUndefined()
    expect(notices).toEqual([
      'a file of registry credentials is not JSON, and is not used',
      'a file of registry credentials cannot be read (it is not a regular file)',
    ])
  })

  it.skipIf(!isPosix)('name a helper that is not there: told, and the file counts', async () => {
    const home = folder()
    const auths = { 'r.example': { auth: Buffer.from('file:1').toString('base64') } }
    writeFileSync(join(home, 'config.json'), JSON.stringify({ auths, credHelpers: { 'r.example': 'absent' } }))
    const notices: string[] = []
    const logins = new RegistryLogins({ DOCKER_CONFIG: home, PATH: home }, home, (notice) => notices.push(notice))
    expect((await logins.find('r.example', 'a'))?.kind).toBe('basic')
    expect(notices).toEqual(['credentials for r.example are not used: docker-credential-absent is not installed'])
  })
})

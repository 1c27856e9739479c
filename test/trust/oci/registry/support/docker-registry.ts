import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

/** Whether the registry of Debian's package `docker-registry` is installed. */
export const HAS_DOCKER_REGISTRY = spawnSync('docker-registry', ['--version']).status === 0

/** For the title of what is skipped without it. */
export const WITH_DOCKER_REGISTRY = HAS_DOCKER_REGISTRY
  ? 'with docker-registry'
  : 'with docker-registry (skipped: docker-registry is not installed)'

/** What bcrypt (cost 5) makes of `s:e,cret`. */
const HTPASSWD = 'alice:$2b$05$abcdefghijklmnopqrstuuJM8P2/9MyskyzyXxSJncGhK.ZS0jFH2\n'
export const ALICE = { user: 'alice', password: 's:e,cret' } as const

export interface TokenAuth {
  readonly realm: string
  readonly service: string
  readonly issuer: string
  /** PEM of the certificate that signs tokens. */
  readonly certificate: string
}

export interface DockerRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  readonly origin: string
}

/** A real registry on loopback, with a folder of its own, ended with the test. */
export async function dockerRegistry(auth?: 'htpasswd' | TokenAuth): Promise<DockerRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-registry-'))
  const config = {
    version: '0.1',
    log: { level: 'info', formatter: 'json', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: true } },
    http: { addr: '127.0.0.1:0', secret: 'of this test' },
    ...(auth === undefined ? {} : { auth: authOf(auth, folder) }),
  }
  const path = join(folder, 'config.json')
  // JSON is YAML.
  writeFileSync(path, JSON.stringify(config))
  const child = spawn('docker-registry', ['serve', path], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  onTestFinished(async () => {
    await ended(child)
    rmSync(folder, { recursive: true, force: true })
  })
  const host = await listening(child)
  return { host, origin: `http://${host}` }
}

function authOf(auth: 'htpasswd' | TokenAuth, folder: string): object {
  if (auth === 'htpasswd') {
    writeFileSync(join(folder, 'htpasswd'), HTPASSWD)
    return { htpasswd: { realm: 'a, quoted "realm"', path: join(folder, 'htpasswd') } }
  }
  const { realm, service, issuer, certificate } = auth
  writeFileSync(join(folder, 'certificate.pem'), certificate)
  return { token: { realm, service, issuer, rootcertbundle: join(folder, 'certificate.pem') } }
}

async function listening(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new Error('the registry has no output')
  const said: string[] = []
  for await (const line of createInterface(child.stderr)) {
    said.push(line)
    const [, host] = /listening on (127\.0\.0\.1:\d+)/.exec(line) ?? []
    if (host === undefined) continue
    child.stderr.resume()
    return host
  }
  throw new Error(`docker-registry did not start: ${said.join('\n')}`)
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill()
  })
}

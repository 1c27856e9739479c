import { join } from 'node:path'
import { ENDPOINTS } from '../../model/endpoints.js'
import { readBoundedFile } from '../http/bounded-file.js'
import { askCredentialHelper } from './credential-helper.js'
import { type DockerConfig, loginFor, parseDockerConfig, type RegistryLogin } from './docker-config.js'

type Environment = Readonly<Record<string, string | undefined>>

const MAX_CONFIG_BYTES = 4 * 1024 * 1024

/** The files that may hold logins, in the order in which they count (spec/trust.md §5.3). */
export function dockerConfigPaths(environment: Environment, home: string): readonly string[] {
  const { DOCKER_CONFIG, REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR } = environment
  return [
    join(DOCKER_CONFIG || join(home, '.docker'), 'config.json'),
    ...(REGISTRY_AUTH_FILE ? [REGISTRY_AUTH_FILE] : []),
    ...(XDG_RUNTIME_DIR ? [join(XDG_RUNTIME_DIR, 'containers', 'auth.json')] : []),
  ]
}

/** Finds logins for registries; files are read when the first one is wanted, and each registry is looked up once. */
export class RegistryLogins {
  #configs: Promise<readonly DockerConfig[]> | undefined
  readonly #found = new Map<string, Promise<RegistryLogin | undefined>>()
  readonly #asked = new Map<string, Promise<RegistryLogin | undefined>>()

  constructor(
    readonly environment: Environment,
    readonly home: string,
    /** Told about files that cannot be read and helpers that fail. */
    readonly onNotice: (message: string) => void,
  ) {}

  /** `host[:port]` as it stands in a URL. */
  find(host: string, repository: string): Promise<RegistryLogin | undefined> {
    const key = `${host}/${repository}`
    const known = this.#found.get(key)
    if (known !== undefined) return known
    const finding = this.#find(namesOf(host), repository)
    this.#found.set(key, finding)
    return finding
  }

  async #find(hosts: readonly string[], repository: string): Promise<RegistryLogin | undefined> {
    this.#configs ??= this.#read()
    for (const config of await this.#configs)
      for (const host of hosts) {
        const helper = config.helpers.get(host)
        const login =
          (helper === undefined ? undefined : await this.#ask(helper, host)) ??
          loginFor(config, host, repository) ??
          (config.store === undefined ? undefined : await this.#ask(config.store, host))
        if (login !== undefined) return login
      }
    return undefined
  }

  /** Once for all repositories of a host: a helper may open a window. */
  #ask(helper: string, host: string): Promise<RegistryLogin | undefined> {
    const key = `${helper} ${host}`
    const asking = this.#asked.get(key) ?? this.#run(helper, host)
    this.#asked.set(key, asking)
    return asking
  }

  async #run(helper: string, host: string): Promise<RegistryLogin | undefined> {
    const server = host === HUB_LOGIN.host ? HUB_LOGIN.href : host
    const answer = await askCredentialHelper(helper, server, this.environment)
    if (answer.ok) return answer.login
    this.onNotice(`credentials for ${host} are not used: ${answer.why}`)
    return undefined
  }

  async #read(): Promise<readonly DockerConfig[]> {
    const configs: DockerConfig[] = []
    for (const path of dockerConfigPaths(this.environment, this.home)) {
      const file = await readBoundedFile(path, MAX_CONFIG_BYTES)
      const config = file.ok ? parseDockerConfig(Buffer.from(file.bytes).toString('utf8')) : undefined
      if (config !== undefined) configs.push(config)
      else if (file.ok) this.onNotice('a file of registry credentials is not JSON, and is not used')
      else if (file.failure !== 'absent') this.onNotice(`a file of registry credentials cannot be read (${file.why})`)
    }
    return configs
  }
}

const HUB_LOGIN = new URL(ENDPOINTS.oci.dockerHubLogin)
const HUB_HOST = new URL(ENDPOINTS.oci.dockerHub).host

/** Docker Hub has a name of its own for logins, and its short one. */
function namesOf(host: string): readonly string[] {
  return host === HUB_HOST ? [HUB_LOGIN.host, ENDPOINTS.oci.dockerHubName, host] : [host]
}

import type { OpenInput, ReadRequest } from '../audit/inputs.js'
import type { Context } from './declare.js'
import type { ReadingOptions } from './options.js'

/** Opens what the user named and turns the reading options into a request; see `audit/inputs.ts`. */
export async function openRequest(
  path: string,
  options: ReadingOptions,
  context: Context,
): Promise<{ readonly input: OpenInput; readonly request: ReadRequest }> {
  const { openInput, openFolder } = await import('../audit/inputs.js')
  const input = await openInput(path)
  const caches = new Map(
    CACHES.flatMap(([kind, option]) => {
      const folder = options[option]
      return folder === undefined ? [] : [[kind, openFolder(folder)] as const]
    }),
  )
  const request: ReadRequest = {
    tree: input.tree,
    only: input.only,
    discover: { exclude: options.exclude, include: options.include },
    options: {
      caches,
      environment: options.environment === true ? relevantEnvironment() : new Map(),
      targets: options.target,
      features: options.features,
    },
    onProgress: (step) => {
      if (step.kind === 'discovered') context.terminal.progress(`reading ${step.files} files (${step.ecosystems.join(', ')})`)
      else context.terminal.progress(`${step.ecosystem}: ${step.components} components`)
    },
  }
  return { input, request }
}

const CACHES = [
  ['gomodcache', 'gomodcache'],
  ['zig-cache', 'zigCache'],
  ['cargo-home', 'cargoHome'],
  ['nimble-packages', 'nimblePackages'],
] as const

/**
 * Variables with which the ecosystems' own tools override the repository's settings. They are handed on only when
 * asked for (`--environment`), because the same tree must give the same graph on every machine; tokens never are.
 */
const OVERRIDES =
  /^(?:CARGO_(?:SOURCE|REGISTRIES|REGISTRY|BUILD|NET|HTTP)_[A-Z0-9_]+|GO(?:PROXY|SUMDB|PRIVATE|NOPROXY|NOSUMDB|INSECURE|FLAGS|WORK|TOOLCHAIN|OS|ARCH))$/

function relevantEnvironment(): ReadonlyMap<string, string> {
  const chosen = Object.entries(process.env).filter(([name]) => OVERRIDES.test(name) && !/TOKEN|PASSWORD|SECRET/.test(name))
  return new Map(chosen.map(([name, value]) => [name, value ?? '']))
}

import type { ProjectFile } from '../../../model/ecosystem.js'
import type { SourceTree } from '../../../model/tree.js'
import { decodeUtf8 } from '../../../syntax/text.js'
import type { CargoConfig, ConfigFile } from '../config.js'
import { configChain } from '../config.js'
import { mergeConfig, parseConfigFile } from '../config-read.js'

const MAX_CONFIG_BYTES = 8 * 1024 * 1024

/** The configuration files of a tree. What cannot be read is left out here: reading the tree reports it. */
export async function readConfigFiles(tree: SourceTree, files: readonly ProjectFile[]): Promise<readonly ConfigFile[]> {
  const found: ConfigFile[] = []
  for (const { path, format } of files) {
    if (format !== 'cargo-config') continue
    const read = await tree.read(path, MAX_CONFIG_BYTES)
    const decoded = read.ok ? decodeUtf8(read.bytes) : undefined
    const parsed = decoded?.ok === true ? parseConfigFile(decoded.text, path) : undefined
    if (parsed?.ok === true) found.push(parsed.file)
  }
  return found
}

/** What holds at a folder: as the files have it, and with the environment above them. */
export interface ConfigAt {
  readonly written: CargoConfig
  readonly effective: CargoConfig
}

export function configAt(files: readonly ConfigFile[], folder: string, environment: ReadonlyMap<string, string>): ConfigAt {
  const chain = configChain(files, folder)
  return { written: mergeConfig(chain, new Map()), effective: mergeConfig(chain, environment) }
}

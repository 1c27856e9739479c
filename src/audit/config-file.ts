import { isAbsolute, join } from 'node:path'
import type { OpenInput } from '../evidence/open-input.js'
import { findUp, isFile, readBoundedText, readTextFile } from '../evidence/open-input.js'
import { AssayError, impossible } from '../model/error.js'
import type { Rule } from '../model/rule.js'
import { folderOf } from '../model/tree.js'
import type { TrustSettings } from '../model/trust-settings.js'
import type { ValidConfig } from '../policy/config.js'
import { DEFAULT_CONFIG } from '../policy/config.js'
import type { TrustChecks } from '../policy/config-trust.js'

export const CONFIG_NAME = 'assay.toml'

/** A configuration file: where it is on disk, and how messages name it. */
export interface ConfigFile {
  readonly path: string
  readonly shown: string
}

/** The file the user named, else the nearest `assay.toml` up to the repository root; undefined when there is none. */
export function findConfig(input: OpenInput, config: string | boolean): ConfigFile | undefined {
  if (config === false) return undefined
  if (typeof config === 'string') return { path: config, shown: CONFIG_NAME }
  const [path] = input.folder === undefined ? [] : findUp(input.folder, [CONFIG_NAME])
  return path === undefined ? undefined : { path, shown: CONFIG_NAME }
}

/**
 * Reads and checks a configuration; without one the defaults hold. Throws `configuration`. `onFile` is told of every file
 * that is part of it, in the order in which they are read.
 */
export async function loadConfigFile(
  file: ConfigFile | undefined,
  rules?: readonly Rule[],
  onFile?: (file: ConfigFile) => void,
): Promise<ValidConfig> {
  if (file === undefined) return DEFAULT_CONFIG
  const text = readTextFile(file.path)
  onFile?.(file)
  if (text === undefined)
    throw new AssayError(
      'configuration',
      `${file.path} cannot be read`,
      'Check the path, or leave --config away to use the nearest assay.toml.',
    )
  const { loadConfig } = await import('../policy/config-load.js')
  const { default: validate } = await import('../generated/config-validator.cjs')
  const folder = folderOf(file.path.replaceAll('\\', '/'))
  const config = loadConfig(
    {
      text,
      file: file.shown,
      readExtended: (name) => {
        onFile?.({ path: `${folder}/${name}`, shown: name })
        return readTextFile(`${folder}/${name}`)
      },
      checks: MAY_NEED_CHECKS.test(text) ? await trustChecks(folder) : NO_CHECKS,
    },
    rules ?? (await (await import('./rules.js')).allRules()),
    validate,
  )
  return { ...config, settings: { ...config.settings, trust: withOpenablePaths(config.settings.trust, folder) } }
}

/** Keys may be written with escapes, and files that are extended may say anything. */
const MAY_NEED_CHECKS = /trust|release|extends|\\/

async function trustChecks(folder: string): Promise<TrustChecks> {
  const { matchesVersionReq, parseVersionReq } = await import('../ecosystems/cargo/version-req.js')
  const { parseSemVer } = await import('../ecosystems/cargo/semver.js')
  const { parseUrlTemplate } = await import('../trust/lookup/url-template.js')
  const { parseOciReference } = await import('../trust/oci/reference.js')
  const { parseAnchoredPattern } = await import('../trust/sigstore/anchored-pattern.js')
  return {
    parsePattern: parseAnchoredPattern,
    parseTemplate: parseUrlTemplate,
    parseReference: parseOciReference,
    isFile: (path) => isFile(openable(path, folder)),
    readFile: (path, maxBytes) => readBoundedText(openable(path, folder), maxBytes),
    parseVersionReq: (text) => {
      const requirement = parseVersionReq(text)
      if (requirement === undefined) return undefined
      return {
        matches: (version) => {
          const parsed = parseSemVer(version)
          return parsed !== undefined && matchesVersionReq(requirement, parsed)
        },
      }
    },
  }
}

/** For what is not there: nobody who wants no signatures pays for their code. */
const NO_CHECKS: TrustChecks = {
  parsePattern: () => impossible('a pattern of a configuration without [trust]'),
  parseTemplate: () => impossible('a URL of a configuration without [trust]'),
  parseReference: () => impossible('an image of a configuration without [release]'),
  isFile: () => impossible('a file of a configuration without [trust]'),
  readFile: () => impossible('a file of a configuration without [trust]'),
  parseVersionReq: () => impossible('a range of a configuration without [trust]'),
}

/** Paths in a configuration count from its folder; what is opened counts from where the process is. */
function withOpenablePaths(trust: TrustSettings, folder: string): TrustSettings {
  const open = (path: string): string => openable(path, folder)
  return {
    ...trust,
    roots: trust.roots.map(open),
    folders: trust.folders.map(open),
    identities: trust.identities.map((one) => ({ ...one, keys: one.keys?.map(open) })),
    allowedSigners: trust.allowedSigners.map(open),
    openpgpKeys: trust.openpgpKeys.map(open),
    reviews: trust.reviews === undefined ? undefined : { ...trust.reviews, files: trust.reviews.files.map(open) },
  }
}

function openable(path: string, folder: string): string {
  return isAbsolute(path) ? path : join(folder, path)
}

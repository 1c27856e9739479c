import { createHash } from 'node:crypto'
import { readBoundedFile } from '../../evidence/http/bounded-file.js'
import type { OpenInput } from '../../evidence/open-input.js'
import { AssayError } from '../../model/error.js'
import type { TrustSettings } from '../../model/trust-settings.js'
import type { ValidConfig } from '../../policy/config.js'
import type { ConfigFile } from '../config-file.js'
import { findConfig, loadConfigFile } from '../config-file.js'

/** What the digest of a policy is over; named in every summary beside it. */
export const POLICY_URI = 'assay:policy/v1'

/** What of a command line decides, beside the configuration. */
export interface PolicyChoices {
  /** A file, `false` for none, `true` for the nearest. */
  readonly config: string | boolean
  readonly profile?: string | undefined
  /** `id=severity` pairs. */
  readonly rules: readonly string[]
  readonly baseline?: string | undefined
  readonly exclude: readonly string[]
  readonly include: readonly string[]
  readonly targets: readonly string[]
  readonly features?: readonly string[] | undefined
  /** Variables of the machine that are obeyed, where that is wanted. */
  readonly environment?: ReadonlyMap<string, string> | undefined
}

export interface ExactPolicy {
  /** Lower-case hexadecimal. */
  readonly sha256: string
  readonly config: ValidConfig
}

const MAX_FILE_BYTES = 16 * 1024 * 1024

/**
 * The policy and its digest: SHA-256 over a text of lines, each a word and one or two values that are JSON texts or digests,
 * separated by single spaces and ended by a newline. In this order:
 *
 * - `policy 1`
 * - `file SHA256 NAME` for assay.toml and then every file it extends, in the order in which they are read
 * - `named SHA256` for every trusted root, key file and file of reviews that the configuration names, in its order; `named absent` for one
 *   that cannot be read
 * - `baseline SHA256`, `profile NAME`, `rule "ID=SEVERITY"` of the command line, the rules sorted and the last of an id alone
 * - `exclude GLOB`, `include GLOB`, `target TRIPLE`, `feature NAME`, each kind sorted; `no-features` for an empty list of
 *   features; `environment` where variables are obeyed, and `variable "NAME=VALUE"` for each, sorted, without credentials of URLs
 *
 * What decides when something holds (the day, waivers that end) and what is asked (offline, depth) is no part of it: the
 * summary says both in its own fields. Throws `configuration`.
 */
export async function exactPolicy(input: OpenInput, choices: PolicyChoices): Promise<ExactPolicy> {
  const files: ConfigFile[] = []
  const config = await loadConfigFile(findConfig(input, choices.config), undefined, (file) => {
    if (!files.some(({ path }) => path === file.path)) files.push(file)
  })
  const lines = ['policy 1']
  for (const { path, shown } of files) lines.push(`file ${await digestOf(path)} ${JSON.stringify(shown)}`)
  for (const path of namedFiles(config.settings.trust)) lines.push(`named ${await digestOf(path)}`)
  if (choices.baseline !== undefined) lines.push(`baseline ${await digestOf(choices.baseline)}`)
  if (choices.profile !== undefined) lines.push(`profile ${JSON.stringify(choices.profile)}`)
  const rules = new Map(choices.rules.map((pair) => [pair.slice(0, pair.lastIndexOf('=')), pair]))
  for (const [word, values] of [
    ['rule', [...rules.values()]],
    ['exclude', choices.exclude],
    ['include', choices.include],
    ['target', choices.targets],
    ['feature', choices.features ?? []],
  ] as const)
    for (const value of [...new Set(values)].sort()) lines.push(`${word} ${JSON.stringify(value)}`)
  if (choices.features?.length === 0) lines.push('no-features')
  if (choices.environment !== undefined) lines.push('environment', ...variables(choices.environment))
  const sha256 = createHash('sha256')
    .update(lines.map((line) => `${line}\n`).join(''))
    .digest('hex')
  return { sha256, config }
}

function namedFiles({ roots, identities, allowedSigners, openpgpKeys, reviews }: TrustSettings): readonly string[] {
  return [...roots, ...identities.flatMap(({ keys = [] }) => keys), ...allowedSigners, ...openpgpKeys, ...(reviews?.files ?? [])]
}

/** What is published of a credential could be guessed at, however little. */
function variables(environment: ReadonlyMap<string, string>): string[] {
  return [...environment]
    .map(([name, value]) => `variable ${JSON.stringify(`${name}=${value.replace(/\/\/[^/@\s,|]*@/g, '//')}`)}`)
    .sort()
}

async function digestOf(path: string): Promise<string> {
  const read = await readBoundedFile(path, MAX_FILE_BYTES)
  if (read.ok) return createHash('sha256').update(read.bytes).digest('hex')
  // Whatever is in it would have one digest.
  if (read.failure === 'too-large')
    throw new AssayError('configuration', `${path} is part of the policy and too large (${read.why})`, 'Name a smaller file.')
  return 'absent'
}

import { CARGO_RULES } from '../../../src/ecosystems/cargo/rules.js'
import { parseVersionReq, satisfies } from '../../../src/ecosystems/cargo/version-req.js'
import validate from '../../../src/generated/config-validator.cjs'
import { AssayError } from '../../../src/model/error.js'
import type { ValidConfig } from '../../../src/policy/config.js'
import { loadConfig } from '../../../src/policy/config-load.js'
import { GENERIC_RULES } from '../../../src/policy/rules/index.js'
import { parseUrlTemplate } from '../../../src/trust/lookup/url-template.js'
import { parseOciReference } from '../../../src/trust/oci/reference.js'
import { parseAnchoredPattern } from '../../../src/trust/sigstore/anchored-pattern.js'

const RULES = [...GENERIC_RULES, ...CARGO_RULES]

/** Every file is there but for those that say so in their name. */
export const CHECKS = {
  parsePattern: parseAnchoredPattern,
  parseTemplate: parseUrlTemplate,
  parseReference: parseOciReference,
  isFile: (path: string): boolean => !path.includes('not-there'),
  readFile: readFrom(new Map()),
  parseVersionReq: cargoRange,
}

/** A range as Cargo reads it, as the program hands it in. */
export function cargoRange(text: string): { readonly matches: (version: string) => boolean } | undefined {
  return parseVersionReq(text) === undefined ? undefined : { matches: (version) => satisfies(text, version) }
}

type ReadFile = (path: string) => { readonly ok: true; readonly text: string } | { readonly ok: false; readonly why: string }

function readFrom(files: ReadonlyMap<string, string>): ReadFile {
  return (path) => {
    const text = files.get(path) ?? (path.includes('not-there') ? undefined : '')
    return text === undefined ? { ok: false, why: 'it is not there' } : { ok: true, text }
  }
}

/** Loads a configuration as `assay.toml`, with the files it may extend and the reviews it may name by their paths. */
export function load(text: string, others: Readonly<Record<string, string>> = {}): ValidConfig {
  const files = new Map(Object.entries(others))
  return loadConfig(
    { text, file: 'assay.toml', readExtended: (path) => files.get(path), checks: { ...CHECKS, readFile: readFrom(files) } },
    RULES,
    validate,
  )
}

/** What is wrong with a configuration: a sentence a line, each with its place; empty when it is fine. */
export function problemsOf(text: string, others: Readonly<Record<string, string>> = {}): readonly string[] {
  try {
    load(text, others)
    return []
  } catch (error) {
    if (!(error instanceof AssayError) || error.code !== 'configuration') throw error
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
  }
}

import type { Waiver } from './config.js'

/** What `assay init` writes: a file that works as it is and says what may be changed. */
export function renderDefaultConfig(profile: string): string {
  return `# Configuration of assay. \`assay explain RULE\` tells what a rule means; unknown keys are refused.
version = 1
extends = ["assay:${profile}"]          # relaxed, recommended, strict or audit

# [project]                             # what the SBOM is about
# name = "product"
# version = "1.0.0"

# [gate]
# fail-on = "error"                     # error, warn or never
# max-warnings = 50

# [sources]
# registries = ["crates.io", "go:proxy", "nim:official"]
# mirrors = [{ url = "sparse+https://mirror.example/index/", of = "crates.io" }]
# git = { orgs = ["github.com/example-org"], require = "rev" }
# internal = ["go:corp.example/**", "cargo:corp-*"]

# [verify]
# on-unavailable = "fail"               # fail, warn or ignore; default: warn, in CI fail (exit 3)
# budget = "120s"                       # of the whole run

# [trust]                               # without it, signatures are not looked for
# github = true                         # ask GitHub for attestations of what is required below
# attestations = ["attestations"]       # folders of attestations by digest; paths count from here
# require = [{ match = "pkg:cargo/corp-*", kind = "provenance", level = 2 }]
# reviews = ["supply-chain/audits.toml", "supply-chain/imports.lock"]   # of cargo-vet, or [[review]] of your own

# [[trust.identities]]                  # the first that matches says who may sign
# match = "pkg:cargo/corp-*"
# issuer = "https://token.actions.githubusercontent.com"
# source-repository = "https://github.com/example-org/corp"
# refs = ["refs/tags/v{version}"]
# triggers = ["push", "release"]

# [rules]
# "graph/duplicate-version" = "off"
# "cargo/wildcard" = { severity = "error", allow-path = false }

# [[deny]]
# component = "pkg:cargo/openssl@<0.10.66"
# reason = "use rustls"

# [[override]]
# paths = ["examples/**"]
# profile = "relaxed"
`
}

/** One \`[[waiver]]\` table as text, to stand at the end of a configuration file. */
export function renderWaiver(waiver: Omit<Waiver, 'location'>): string {
  const lines = ['', '[[waiver]]', `id = ${quote(waiver.id)}`, `rule = ${quote(waiver.rule)}`]
  if (waiver.component !== undefined) lines.push(`component = ${quote(waiver.component)}`)
  if (waiver.subject !== undefined) lines.push(`subject = ${quote(waiver.subject)}`)
  const match = Object.entries(waiver.match)
  if (match.length > 0) lines.push(`match = { ${match.map(([key, value]) => `${quote(key)} = ${quote(value)}`).join(', ')} }`)
  if (waiver.paths.length > 0) lines.push(`paths = [${waiver.paths.map(quote).join(', ')}]`)
  lines.push(`reason = ${quote(waiver.reason)}`, `owner = ${quote(waiver.owner)}`, `expires = ${waiver.expires}`)
  return `${lines.join('\n')}\n`
}

/** A TOML basic string: JSON's escapes are a subset of TOML's, but for DEL and halves of surrogate pairs. */
function quote(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll('\u007f', '\\u007f')
}

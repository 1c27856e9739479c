import { componentLabel } from '../../model/component.js'
import { factRule, factText } from '../../model/fact-rule.js'
import type { Rule } from '../../model/rule.js'

const REGENERATE = 'let cargo write the lockfile again (cargo update -w) and review the difference'

/** Rules that only Cargo projects can break (spec/policy.md §2.9, spec/cargo.md §11 and §12). */
export const CARGO_RULES: readonly Rule[] = [
  {
    id: 'cargo/patch-active',
    title: 'A [patch] or [replace] changes where a package comes from',
    why: 'What is built is not what the requirement names, and the registry checksum no longer covers it.',
    evidence: ['L'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'warn' },
    evaluate: ({ graph }) => {
      const relevant = graph.graph.replacements.filter(
        (r) => r.ecosystem === 'cargo' && (r.kind === 'patch' || r.kind === 'replace'),
      )
      const active = relevant.filter((r) => r.active)
      return {
        checked: relevant.length,
        findings: active.map((r) => ({
          component: r.replacement?.component,
          subject: r.original.name ?? r.project,
          location: r.location,
          message: `[${r.kind}] swaps ${r.original.name ?? 'a package'} for ${describeSource(r.replacement?.source)}`,
          fix: 'publish the change and drop the override, or waive it with a date',
          data: { name: r.original.name ?? '', kind: r.kind },
        })),
      }
    },
  },
  factRule({
    id: 'cargo/wildcard',
    title: 'A requirement accepts every version',
    why: 'The next resolution may take any version that is ever published.',
    evidence: ['L'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'error' },
    options: { 'allow-path': { type: 'boolean', default: true, about: 'accept `*` where a path or git source decides' } },
    facts: ['cargo/wildcard'],
    judge: (fact, _component, { option }) => {
      if (fact.data['path'] === true && option<boolean>('allow-path', fact.location?.file)) return undefined
      return {
        message: `${factText(fact, 'name')} = "*" accepts every version`,
        fix: `write the range you mean, e.g. ${factText(fact, 'name')} = "1"`,
      }
    },
  }),
  factRule({
    id: 'cargo/lock-version-old',
    title: 'The lockfile has format 1 or 2',
    why: 'Format 1 keeps checksums apart from the packages; formats 1 to 3 write git refs so that some do not read back.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'warn' },
    facts: ['cargo/lock-format'],
    judge: (fact) => {
      const format = Number(fact.data['format'])
      if (format > 2) return undefined
      return {
        message: `the lockfile has format ${format}`,
        fix: 'raise rust-version if it can be raised, and let cargo write the lockfile again',
      }
    },
  }),
  factRule({
    id: 'cargo/config-in-repo',
    title: 'The repository configures cargo in a way that changes what gets built',
    why: 'Whoever can change this file can run programs in every build and redirect every download.',
    evidence: ['L'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'error' },
    options: { 'allow-keys': { type: 'strings', default: [], about: 'keys that are meant to be there, e.g. build.rustflags' } },
    facts: ['cargo/config-key'],
    judge: (fact, _component, { option }) => {
      const key = factText(fact, 'key')
      if (option<readonly string[]>('allow-keys', fact.location?.file).includes(key)) return undefined
      return {
        message: `${key} in ${factText(fact, 'file')} changes what gets built or where it comes from`,
        fix: 'move it to the machine that needs it, or allow the key',
      }
    },
  }),
  factRule({
    id: 'cargo/mirror-chain-dead',
    title: 'A [source] that cargo never uses',
    why: 'Cargo follows replace-with to its end and has no list of fallbacks; a mirror that is never asked protects nobody.',
    evidence: ['L'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'warn' },
    facts: ['cargo/mirror-chain-dead'],
    judge: (fact) => ({
      message: `source.${factText(fact, 'source')} has no effect: ${factText(fact, 'why')}`,
      fix: 'remove it, or point replace-with at the one source you mean',
    }),
  }),
  factRule({
    id: 'cargo/paths-override',
    title: 'A paths override replaces locked packages',
    why: 'Cargo compiles the folder in place of the locked package, --locked passes and the lockfile stays unchanged.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['cargo/paths-override'],
    judge: (fact) => ({
      message: `paths = ["${factText(fact, 'path')}"] builds that folder instead of what the lockfile names`,
      fix: 'use [patch] in the manifest, which the lockfile records',
    }),
  }),
  factRule({
    id: 'cargo/git-ref-ambiguous',
    title: 'A git ref that cargo does not recognise in its own lockfile',
    why: 'Formats 1 to 3 write the ref raw and read it decoded: cargo resolves it again over the network, even with --locked.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['cargo/git-ref-ambiguous'],
    judge: (_fact, component) => ({
      message: `the git ref of ${component === undefined ? 'a package' : componentLabel(component)} does not read back, so the commit is no real pin`,
      fix: 'let a cargo of 1.83 or newer write the lockfile (format 4), or name the commit with rev',
    }),
  }),
  factRule({
    id: 'cargo/git-commit-not-full',
    title: 'A git package is pinned by an abbreviated commit',
    why: 'An abbreviation can be made to mean another commit; cargo accepts it even with --locked.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['cargo/git-commit-not-full'],
    judge: (_fact, component) => ({
      message: `${component === undefined ? 'a package' : componentLabel(component)} is pinned by an abbreviated commit`,
      fix: REGENERATE,
    }),
  }),
  factRule({
    id: 'cargo/same-name-multiple-registries',
    title: 'One crate name comes from several registries',
    why: 'Names are only unique inside one registry; a private name that also exists in public is how dependency confusion starts.',
    evidence: ['L'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'warn' },
    facts: ['cargo/same-name-multiple-registries'],
    judge: (fact) => ({
      message: `${factText(fact, 'names')} comes from several registries`,
      fix: 'check that each is meant, and name the registry in every requirement',
    }),
  }),
  factRule({
    id: 'cargo/dangling-dependency',
    title: 'The lockfile names a dependency that it does not hold',
    why: 'Cargo drops such an edge in silence, even with --locked; it is the trace of a truncated or badly merged file.',
    evidence: ['L'],
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    facts: ['cargo/dangling-dependency'],
    judge: (fact, component) => ({
      message: `${component === undefined ? 'a package' : componentLabel(component)} depends on ${factText(fact, 'dependency')}, which is not in the lockfile`,
      fix: REGENERATE,
    }),
  }),
  factRule({
    id: 'cargo/mixed-checksum-styles',
    title: 'Checksums of two formats in one lockfile',
    why: 'Cargo throws all of them away, so nothing is checked on the next build.',
    evidence: ['L'],
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    facts: ['cargo/mixed-checksum-styles'],
    judge: () => ({
      message: 'the lockfile holds [metadata] checksums of format 1 beside checksums of a newer format',
      fix: 'take one side of the merge, then let cargo write the file again',
    }),
  }),
  factRule({
    id: 'cargo/checksum-malformed',
    title: 'A checksum that is none',
    why: 'Cargo compares the text as it is, so such a package can never be verified.',
    evidence: ['L'],
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    facts: ['cargo/checksum-malformed', 'cargo/checksum-not-lowercase-hex'],
    judge: (fact, component) => ({
      message: `the checksum of ${component === undefined ? 'a package' : componentLabel(component)} is ${fact.kind.endsWith('malformed') ? 'not 64 hexadecimal digits' : 'written in upper case, which cargo takes for another one'}`,
      fix: REGENERATE,
    }),
  }),
  factRule({
    id: 'cargo/package-missing-from-lock',
    title: 'A package of the workspace is not in its lockfile',
    why: 'The lockfile belongs to another state of the workspace, or lost its end.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['cargo/manifest-package-missing'],
    judge: (fact) => ({
      message: `${factText(fact, 'name')} ${factText(fact, 'version')} is a package of the workspace and not in the lockfile`,
      fix: REGENERATE,
    }),
  }),
  factRule({
    id: 'cargo/no-first-party-package',
    title: 'The lockfile holds no package of the repository',
    why: 'Every lockfile holds the package it is for; without it the file was cut off or is a copy of another project.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['cargo/no-first-party-package'],
    judge: () => ({ message: 'no package of this lockfile is part of the repository', fix: REGENERATE }),
  }),
  factRule({
    id: 'cargo/manifest-missing',
    title: 'A path package whose manifest is not in the tree',
    why: 'What it is and what it needs cannot be known, and others cannot build it.',
    evidence: ['L'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'error' },
    facts: ['cargo/manifest-missing'],
    judge: (fact) => ({
      message: `the path package ${factText(fact, 'name')} has no readable manifest in the tree`,
      fix: 'commit it, or remove the dependency',
    }),
  }),
  factRule({
    id: 'cargo/alternate-registry',
    title: 'Packages come from a registry other than the public one',
    why: 'Whether it asks for a token and keeps what it publishes is up to its owner; the lockfile alone cannot tell.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'note' },
    facts: ['cargo/alternate-registry'],
    judge: (fact, _component, { settings: { sources } }) => {
      const url = factText(fact, 'url')
      const declared = [...sources.registries, ...sources.mirrors.map((mirror) => mirror.url)]
      if (declared.some((known) => bareUrl(known) === bareUrl(url))) return undefined
      return { message: `packages come from ${url}`, fix: 'list it under sources.registries when it is meant' }
    },
  }),
]

function bareUrl(url: string): string {
  return url.replace(/^sparse\+/, '').replace(/\/$/, '')
}

function describeSource(source: { readonly kind: string; readonly url?: string; readonly path?: string } | undefined): string {
  return source?.url ?? source?.path ?? 'another package'
}

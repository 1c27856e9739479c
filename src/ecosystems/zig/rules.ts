import { componentLabel } from '../../model/component.js'
import { factRule, factText } from '../../model/fact-rule.js'
import type { Rule } from '../../model/rule.js'
import { factAndEvidenceRule } from '../fact-and-evidence-rule.js'
import { identityMismatch, ZIG_EVIDENCE_RULES } from './rules-evidence.js'

/** Libraries that come with every C toolchain; zig itself brings most of them. */
const TOOLCHAIN_LIBRARIES = ['c', 'c++', 'm', 'pthread', 'dl', 'rt', 'util']

/** Rules that only Zig projects can break (spec/policy.md §2.11, spec/zig.md §11), as far as files alone can tell. */
export const ZIG_RULES: readonly Rule[] = [
  ...ZIG_EVIDENCE_RULES,
  factRule({
    id: 'zig/hash-missing',
    title: 'A dependency by URL has no hash',
    why: 'Nothing says what the URL has to deliver; zig itself refuses to build.',
    evidence: ['L'],
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    facts: ['zig/hash-missing'],
    judge: (fact) => ({
      message: `${factText(fact, 'name')} has no hash: ${factText(fact, 'url')}`,
      fix: 'read what the URL delivers, then let zig fetch --save write the hash',
    }),
  }),
  factRule({
    id: 'zig/hash-malformed',
    title: 'A package hash that no package can have',
    why: 'zig can never find a package by it, so whoever mends the build takes whatever the URL delivers by then.',
    evidence: ['L'],
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    facts: ['zig/hash-malformed'],
    judge: (fact) => ({
      message: `the hash of ${factText(fact, 'name')} is malformed: ${factText(fact, 'why')}`,
      fix: 'find the last commit with a good hash; do not take a new one from the URL unseen',
    }),
  }),
  factRule({
    id: 'zig/hash-legacy',
    title: 'A package hash in the form of zig before 0.14',
    why: 'It holds neither name, version nor size of the package, and zig 0.16 refuses it.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'warn' },
    facts: ['zig/hash-legacy'],
    judge: (fact) => ({
      message: `the hash of ${factText(fact, 'name')} has the form of zig before 0.14${fact.data['refused'] === true ? ', which the minimum_zig_version here refuses' : ''}`,
      fix: 'save the dependency again with a current zig and compare the files',
    }),
  }),
  factAndEvidenceRule({
    id: 'zig/hash-name-mismatch',
    title: 'A package is not the one its hash names',
    why: 'zig trusts an unpacked package by the name of its folder alone: this one was changed or put in another place.',
    evidence: ['L', 'R'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['zig/hash-name-mismatch'],
    judge: (fact) => ({
      message: `the hash names ${factText(fact, 'hash')}, the manifest at hand ${factText(fact, 'manifest')}`,
      fix: 'delete the unpacked copy, fetch again, and check the URL',
    }),
    checks: ['zig/manifest-identity'],
    verdicts: ['mismatch'],
    judgeEvidence: identityMismatch,
  }),
  factRule({
    id: 'zig/dependency-key',
    title: 'A dependency is called otherwise than its package',
    why: 'A reviewer reads the key and takes it for another package.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'off', strict: 'note' },
    facts: ['zig/dependency-key'],
    judge: (fact) => ({
      message: `${factText(fact, 'key')} is the package ${factText(fact, 'name')}`,
      fix: 'rename the key, unless the other name is meant',
    }),
  }),
  factRule({
    id: 'zig/fingerprint',
    title: 'A fingerprint is missing, wrong, or shared',
    why: 'Name and fingerprint are what makes a package an update of another: with them a fork can take its place.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'warn', strict: 'warn' },
    options: { allow: { type: 'strings', default: [], about: 'names of packages whose fingerprint is meant as it is' } },
    facts: ['zig/fingerprint'],
    judge: (fact, _component, { option }) => {
      const name = factText(fact, 'name')
      if (option<readonly string[]>('allow', fact.location?.file).includes(name)) return undefined
      return {
        message: `${name === '' ? 'a package without a name' : name}: ${factText(fact, 'why')}`,
        fix: 'ask upstream; in a package of your own take the value that zig suggests',
      }
    },
  }),
  factRule({
    id: 'zig/url-duplicate',
    title: 'Several URLs for one package hash',
    why: 'zig looks for a hash once: the other URLs are never fetched, and nobody knows what they deliver.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'warn' },
    facts: ['zig/url-duplicate'],
    judge: (fact) => ({
      message: `${factText(fact, 'name')} comes from ${factText(fact, 'urls')}`,
      fix: 'use one URL everywhere',
    }),
  }),
  factRule({
    id: 'zig/duplicate-field',
    title: 'A field stands twice in a manifest',
    why: 'zig takes the last one without a word, a reviewer reads the first.',
    evidence: ['L'],
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    facts: ['zig/duplicate-field'],
    judge: (fact) => ({
      message: `${factText(fact, 'manifest')}: ${factText(fact, 'what')}`,
      fix: 'keep the one that is meant',
    }),
  }),
  factRule({
    id: 'zig/unsupported-url',
    title: 'A URL that zig cannot fetch',
    why: 'The package comes from a cache or not at all, so nobody can build this from the repository.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['zig/unsupported-url'],
    judge: (fact) => ({
      message: `${factText(fact, 'url')}: ${factText(fact, 'why')}`,
      fix: 'use https or git+https',
    }),
  }),
  factRule({
    id: 'zig/path-with-hash',
    title: 'A dependency by path has a hash',
    why: 'zig hashes no folder that is named by path; the hash promises a check that nobody makes.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['zig/path-with-hash'],
    judge: (fact) => ({
      message: `${factText(fact, 'name')} is the folder ${factText(fact, 'path')} and has a hash`,
      fix: 'remove the hash, or name a URL',
    }),
  }),
  factRule({
    id: 'zig/minimum-version-missing',
    title: 'No minimum_zig_version',
    why: 'Which compiler builds this is left to the machine, and hashes differ between releases.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'off', strict: 'note' },
    facts: ['zig/minimum-version-missing'],
    judge: (fact) => ({ message: `${factText(fact, 'manifest')} names no minimum`, fix: 'set minimum_zig_version' }),
  }),
  factRule({
    id: 'zig/paths-wide',
    title: 'paths includes everything',
    why: 'Every file of the repository becomes part of the package and of its hash.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'off', strict: 'note' },
    facts: ['zig/paths-wide'],
    judge: (fact) => ({ message: `paths of ${factText(fact, 'manifest')} covers the whole tree`, fix: 'list the files' }),
  }),
  factRule({
    id: 'zig/paths-empty',
    title: 'paths includes nothing',
    why: 'The hash of such a package is the digest of nothing: any content matches it.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['zig/paths-empty'],
    judge: (fact) => ({ message: `paths of ${factText(fact, 'manifest')} is empty`, fix: 'list the files of the package' }),
  }),
  factRule({
    id: 'zig/paths-escape',
    title: 'paths leads out of the package',
    why: 'It matches nothing, so what is meant to be hashed is not.',
    evidence: ['L'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'error' },
    facts: ['zig/paths-escape'],
    judge: (fact) => ({
      message: `paths of ${factText(fact, 'manifest')}: ${factText(fact, 'what')}`,
      fix: 'move the files into the package, or remove the entry',
    }),
  }),
  factRule({
    id: 'zig/system-library',
    title: 'The build links a library of the system',
    why: 'It is part of what is shipped, and no manifest says which one it is.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'note' },
    options: { known: { type: 'strings', default: TOOLCHAIN_LIBRARIES, about: 'libraries that are declared elsewhere' } },
    facts: ['zig/system-library'],
    judge: (fact, component, { option }) => {
      const library = factText(fact, 'library')
      if (option<readonly string[]>('known', fact.location?.file).includes(library)) return undefined
      return {
        message: `${component === undefined ? factText(fact, 'file') : componentLabel(component)} links ${library}`,
        fix: 'declare it in components.extra, or list it as known',
      }
    },
  }),
]

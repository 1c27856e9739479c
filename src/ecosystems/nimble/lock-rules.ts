import { componentLabel } from '../../model/component.js'
import { factRule, factText } from '../../model/fact-rule.js'
import type { Rule } from '../../model/rule.js'

const LOCK_AGAIN = 'let nimble write the lockfile again (nimble lock) and review the difference'

/** What a lockfile of nimble or Atlas can have wrong (spec/nimble.md §11). */
export const NIMBLE_LOCK_RULES: readonly Rule[] = [
  factRule({
    id: 'nimble/url-injection',
    title: 'A URL holds what a shell takes for a command',
    why: 'nimble up to 0.20 hands URLs to a shell: whoever writes the lockfile runs commands on every machine that installs.',
    evidence: ['L'],
    hard: true,
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    facts: ['nimble/url-injection'],
    judge: (fact) => ({
      message: `${JSON.stringify(factText(fact, 'url'))} holds ${factText(fact, 'why')}`,
      fix: 'do not install; find out who wrote that line',
    }),
  }),
  factRule({
    id: 'nimble/revision-missing',
    title: 'A lock entry has no commit',
    why: 'nimble then takes whatever the tag of the version points at; since 0.24 it compares nothing.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['nimble/revision-missing'],
    judge: (fact) => ({ message: `the lock entry of ${factText(fact, 'name')} has no commit`, fix: LOCK_AGAIN }),
  }),
  factRule({
    id: 'nimble/dangling-dependency',
    title: 'The lockfile names a dependency that it does not hold',
    why: 'Since 0.24 nimble installs without it and says nothing; it is the trace of an entry that was removed or lost.',
    evidence: ['L'],
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    facts: ['nimble/dangling-dependency'],
    judge: (fact, component) => ({
      message: `${component === undefined ? 'an entry' : componentLabel(component)} depends on ${factText(fact, 'dependency')}, which is not in the lockfile`,
      fix: LOCK_AGAIN,
    }),
  }),
  factRule({
    id: 'nimble/lock-cycle',
    title: 'Lock entries depend on each other in a circle',
    why: 'No resolution gives that; the file was edited or merged by hand.',
    evidence: ['L'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'warn' },
    facts: ['nimble/lock-cycle'],
    judge: (fact) => {
      const path = fact.data['path']
      const shown = Array.isArray(path) ? path.join(' -> ') : factText(fact, 'path')
      return { message: `${shown} is a circle`, fix: LOCK_AGAIN, data: { path: shown } }
    },
  }),
  factRule({
    id: 'nimble/lock-entry-unused',
    title: 'The lockfile holds a package that nothing asks for',
    why: 'It is installed all the same; the manifest lost its requirement, or somebody added an entry.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'warn' },
    facts: ['nimble/lock-entry-unused'],
    judge: (fact) => ({ message: `nothing in the manifest or the lockfile asks for ${factText(fact, 'name')}`, fix: LOCK_AGAIN }),
  }),
  factRule({
    id: 'nimble/lock-leniency',
    title: 'A lockfile that only some readers understand',
    why: 'nimble takes it, strict readers refuse it: a tool that checks it may see nothing.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'note' },
    facts: ['nimble/lock-leniency'],
    judge: (fact) => ({ message: `the lockfile holds ${factText(fact, 'what')}`, fix: LOCK_AGAIN }),
  }),
  factRule({
    id: 'nimble/toolchain-not-locked',
    title: 'The lockfile names the compiler and does not pin it',
    why: 'Each machine then builds with the Nim that it has.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'note' },
    facts: ['nimble/toolchain-not-locked'],
    judge: () => ({
      message: 'packages depend on nim, which has no entry in the lockfile',
      fix: 'lock without --useSystemNim, or pin the compiler in CI',
    }),
  }),
]

import type { Component } from '../model/component.js'
import type { Finding, FindingDraft } from '../model/finding.js'
import { matchGlob } from '../syntax/glob.js'
import { daysBetween } from './clock.js'
import type { ComponentPattern } from './component-pattern.js'
import { matchesPattern, parsePatterns } from './component-pattern.js'
import type { Waiver } from './config.js'

export interface GateFinding {
  readonly rule: string
  readonly draft: FindingDraft
}

/** A waiver with its component pattern read once, not for every finding. */
interface ReadWaiver {
  readonly waiver: Waiver
  /** Absent when it names none; empty when what it names is no pattern, which then covers nothing. */
  readonly patterns: readonly ComponentPattern[] | undefined
}

/** The waivers of a configuration, and what became of each (spec/policy.md §5). */
export class WaiverBook {
  readonly #used = new Set<Waiver>()
  readonly #expired = new Map<Waiver, Finding[]>()
  readonly #forbidden = new Set<Waiver>()
  readonly #byRule = new Map<string, ReadWaiver[]>()

  constructor(
    readonly waivers: readonly Waiver[],
    /** The day they are judged by, `YYYY-MM-DD` in UTC. */
    readonly today: string,
  ) {
    for (const waiver of waivers) {
      const patterns = waiver.component === undefined ? undefined : parsePatterns([waiver.component])
      const known = this.#byRule.get(waiver.rule)
      if (known === undefined) this.#byRule.set(waiver.rule, [{ waiver, patterns }])
      else known.push({ waiver, patterns })
    }
  }

  /** The live waiver that covers a finding. A waiver holds to the end of its last day (UTC); a hard rule has none. */
  match(finding: Finding, component: Component | undefined, hard: boolean): Waiver | undefined {
    const covering = (this.#byRule.get(finding.rule) ?? []).filter((read) => covers(read, finding, component))
    if (hard) {
      for (const { waiver } of covering) this.#forbidden.add(waiver)
      return undefined
    }
    const live = covering.find(({ waiver }) => waiver.expires >= this.today)?.waiver
    // One that was renewed under another id has not ended: its finding is covered.
    if (live !== undefined) this.#used.add(live)
    else for (const { waiver } of covering) this.#note(waiver, finding)
    return live
  }

  #note(waiver: Waiver, finding: Finding): void {
    const known = this.#expired.get(waiver)
    if (known === undefined) this.#expired.set(waiver, [finding])
    else known.push(finding)
  }

  /** What the gate has to say of the waivers themselves. `couldTell`: whether a rule had what it needs to find anything. */
  findings(option: (rule: string, name: string) => number, couldTell: (rule: string) => boolean): GateFinding[] {
    return this.waivers.flatMap((waiver) => this.#about(waiver, option, couldTell))
  }

  #about(waiver: Waiver, option: (rule: string, name: string) => number, couldTell: (rule: string) => boolean): GateFinding[] {
    const about = (rule: string, message: string, fix: string): GateFinding => ({
      rule,
      draft: {
        subject: `waiver ${waiver.id}`,
        location: waiver.location,
        message,
        fix,
        data: { waiver: waiver.id, owner: waiver.owner, expires: waiver.expires },
      },
    })
    if (this.#forbidden.has(waiver))
      return [
        about(
          'policy/waiver-forbidden',
          `${waiver.rule} cannot be waived here (waiver ${waiver.id})`,
          'remove the waiver; only an organisation-level file can waive this rule',
        ),
      ]
    const expired = this.#expired.get(waiver)
    if (expired !== undefined) {
      const what = expired.length === 1 ? `${expired[0]?.message ?? ''} counts` : `${expired.length} findings count`
      return [
        about(
          'policy/waiver-expired',
          `waiver ${waiver.id} of ${waiver.owner} ended ${waiver.expires}: ${what} again`,
          'fix it, or renew the waiver with a new reason',
        ),
      ]
    }
    if (!this.#used.has(waiver) && couldTell(waiver.rule))
      return [about('policy/waiver-unused', `waiver ${waiver.id} matches nothing`, 'delete it')]
    const left = daysBetween(this.today, waiver.expires)
    const found: GateFinding[] = []
    if (left <= option('policy/waiver-expiring', 'window')) {
      const when = left === 0 ? 'today' : left === 1 ? 'in one day' : `in ${left} days`
      const fix = 'fix what it covers, or renew it in time'
      found.push(about('policy/waiver-expiring', `waiver ${waiver.id} of ${waiver.owner} ends ${when}`, fix))
    }
    const max = option('policy/waiver-too-long', 'max')
    if (left > max)
      found.push(about('policy/waiver-too-long', `waiver ${waiver.id} runs ${left} days, the limit is ${max}`, 'shorten it'))
    return found
  }
}

function covers({ waiver, patterns }: ReadWaiver, finding: Finding, component: Component | undefined): boolean {
  if (waiver.subject !== undefined && waiver.subject !== finding.subject && waiver.subject !== finding.location?.file)
    return false
  if (patterns !== undefined) {
    if (component === undefined || !patterns.some((pattern) => matchesNameOrData(pattern, component, finding))) return false
  }
  const { location } = finding
  if (waiver.paths.length > 0 && (location === undefined || !waiver.paths.some((glob) => matchGlob(glob, location.file))))
    return false
  return Object.entries(waiver.match).every(([key, value]) => finding.data?.[key] === value)
}

/** A finding about a requirement belongs to the package that has it, but speaks of the package it names. */
function matchesNameOrData(pattern: ComponentPattern, component: Component, finding: Finding): boolean {
  if (matchesPattern(pattern, component)) return true
  const named = finding.data?.['name']
  return named !== undefined && pattern.range.length === 0 && matchesPattern(pattern, { ...component, name: named })
}

import { escapeTerminal } from '../model/escape.js'
import type { Finding } from '../model/finding.js'
import { formatLocation } from '../model/location.js'
import type { Rule } from '../model/rule.js'
import type { Style } from '../model/style.js'

/** `assay explain RULE` for people: what it means, how strict each profile is, its options, what it found here. */
export function ruleText(rule: Rule, findings: readonly Finding[], style: Style): string[] {
  const lines = [style('bold', rule.id), `  ${rule.title}`, `  Why: ${rule.why}`, '', style('bold', 'Severity')]
  for (const profile of ['relaxed', 'recommended', 'strict'] as const)
    lines.push(`  ${profile.padEnd(12)} ${rule.severity[profile]}`)
  if (rule.hard === true) lines.push('  A waiver or baseline in a repository cannot silence it.')
  const options = Object.entries(rule.options ?? {})
  if (options.length > 0) lines.push('', style('bold', 'Options'))
  for (const [name, option] of options) lines.push(`  ${name} = ${JSON.stringify(option.default)}  ${option.about}`)
  lines.push('', style('bold', `Found here: ${findings.length}`))
  for (const finding of findings) {
    const at = finding.location === undefined ? '' : `${formatLocation(finding.location)}: `
    lines.push(`  ${escapeTerminal(`${at}${finding.message}`)}`)
  }
  return lines.map((line) => `${line}\n`)
}

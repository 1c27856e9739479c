import type { Location } from '../model/location.js'
import type { TomlDocument } from '../syntax/toml.js'
import { parseComponentPattern } from './component-pattern.js'
import type { Waiver } from './config.js'
import type { ConfigProblem } from './config-problem.js'
import type { RuleSettingsReader } from './config-rules.js'
import { dateText, table, tables, text, texts } from './toml-values.js'

/**
 * The `[[waiver]]` tables of a file whose shape the schema has checked (spec/policy.md §5). `known` holds the waivers of the
 * files below it: an id means one waiver.
 */
export function readWaivers(
  document: TomlDocument,
  known: readonly Waiver[],
  rules: RuleSettingsReader,
  problems: ConfigProblem[],
): Waiver[] {
  const ids = new Set(known.map((waiver) => waiver.id))
  return tables(document.value['waiver']).map((entry, i) => {
    const at = (key: string): Location => document.locate(['waiver', i, key])
    const note = (key: string, message: string): void => {
      problems.push({ location: at(key), message })
    }
    const id = text(entry['id']) ?? ''
    if (ids.has(id)) note('id', `the waiver ${id} is there twice`)
    ids.add(id)
    const rule = text(entry['rule']) ?? ''
    rules.find(rule, at('rule'))
    // It would silence the voice that says a waiver has ended.
    if (rule.startsWith('policy/'))
      note('rule', `${rule} is about the gate itself and cannot be waived; set its severity instead`)
    const component = text(entry['component'])
    if (component !== undefined) notePattern(component, at('component'), problems)
    const expires = dateText(entry['expires'])
    if (!isDay(expires)) note('expires', `${expires} is no day`)
    return {
      id,
      rule,
      component,
      subject: text(entry['subject']),
      match: Object.fromEntries(Object.entries(table(entry['match']) ?? {}).map(([key, value]) => [key, String(value)])),
      paths: texts(entry['paths']),
      reason: text(entry['reason']) ?? '',
      owner: text(entry['owner']) ?? '',
      expires,
      ticket: text(entry['ticket']),
      approvedBy: text(entry['approved-by']),
      location: document.locate(['waiver', i]),
    }
  })
}

/** Says so when a text is no component pattern. */
export function notePattern(pattern: string, location: Location, problems: ConfigProblem[]): void {
  const parsed = parseComponentPattern(pattern)
  if (!parsed.ok) problems.push({ location, message: `${JSON.stringify(pattern)} is no component pattern: ${parsed.why}` })
}

/** True for a day of the Gregorian calendar, `YYYY-MM-DD`. */
function isDay(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (match === null) return false
  const [year, month, day] = match.slice(1).map(Number)
  if (year === undefined || month === undefined || day === undefined || month < 1 || month > 12) return false
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  return day >= 1 && day <= (lengths[month - 1] ?? 0)
}

import type { TomlTable, TomlValue } from '../syntax/toml.js'
import type { VerifySettings } from './config.js'
import { text } from './toml-values.js'

/** The `[verify]` table, whose shape the schema has checked, over what the files below it say. */
export function verifySettings(own: TomlTable | undefined, below: VerifySettings): VerifySettings {
  const switched = own?.['on-unavailable']
  const offlineOk = own?.['offline-ok']
  const retries = own?.['retries']
  return {
    ...below,
    ...(switched === 'fail' || switched === 'warn' || switched === 'ignore' ? { onUnavailable: switched } : {}),
    ...(typeof offlineOk === 'boolean' ? { offlineOk } : {}),
    retries: typeof retries === 'number' ? retries : below.retries,
    timeoutMs: milliseconds(own?.['timeout']) ?? below.timeoutMs,
    budgetMs: milliseconds(own?.['budget']) ?? below.budgetMs,
  }
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
])

/** A whole number and its unit, `90s`. */
function milliseconds(value: TomlValue | undefined): number | undefined {
  const [, digits = '', unit = ''] = /^(\d+)([a-z]+)$/.exec(text(value) ?? '') ?? []
  const factor = UNITS.get(unit)
  return factor === undefined ? undefined : Number(digits) * factor
}

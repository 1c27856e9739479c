import type { FailureCode } from './failures.js'

/** Statuses by which a server says that it is the one in trouble. */
const TROUBLE: ReadonlyMap<number, FailureCode> = new Map<number, FailureCode>([
  [408, 'timeout-headers'],
  [425, 'overloaded'],
  [429, 'rate-limited'],
  [500, 'server-error'],
  [502, 'bad-gateway'],
  [503, 'overloaded'],
  [504, 'gateway-timeout'],
])

/** The failure a status stands for; undefined where the server knew what it answered. */
export function troubleOf(status: number): FailureCode | undefined {
  return TROUBLE.get(status) ?? (status >= 500 ? 'server-error' : undefined)
}

import type { FailureCode } from '../http/failures.js'
import { FAILURES } from '../http/failures.js'

/** What ends a question without an answer although nothing was asked. */
export const LOCAL_FAILURES = {
  'offline-and-not-stored': {
    what: 'was not asked: the run is offline',
    help: 'Run once online, or replay an evidence pack that holds the answer.',
  },
  'store-damaged': {
    what: 'answered before, but what was stored of it is damaged',
    help: 'Run once online to store it again.',
  },
} as const

/** Why there is no answer: what the network met, or what was not kept. */
export type NoAnswerCode = FailureCode | keyof typeof LOCAL_FAILURES

export function isNoAnswerCode(value: unknown): value is NoAnswerCode {
  return typeof value === 'string' && (Object.hasOwn(FAILURES, value) || Object.hasOwn(LOCAL_FAILURES, value))
}

export interface NoAnswer {
  readonly failure: NoAnswerCode
  readonly why: string
  /** The next step for a person. */
  readonly help: string
}

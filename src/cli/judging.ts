import type { OpenInput } from '../audit/inputs.js'
import type { JudgeRequest } from '../audit/judge.js'
import type { JudgingOptions, ReadingOptions } from './options.js'
import { judgementDay } from './time.js'

/** What the options say about judging. */
export function judgeRequest(input: OpenInput, options: ReadingOptions & JudgingOptions): JudgeRequest {
  return {
    input,
    config: options.config,
    profile: options.profile,
    rules: options.rule,
    raiseOnly: (process.env['CI'] ?? '') !== '' && options.allowWeaken !== true,
    baseline: options.baseline,
    today: judgementDay(options.asOf),
  }
}

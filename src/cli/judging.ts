import type { PolicyChoices } from '../audit/attest/policy-digest.js'
import type { OpenInput } from '../audit/inputs.js'
import type { JudgeRequest } from '../audit/judge.js'
import type { Context } from './declare.js'
import type { JudgingOptions, ReadingOptions, VerifyingOptions } from './options.js'
import { judgementDay } from './time.js'
import { verifyChoices } from './verifying.js'

/** What the options say about judging; `network`: the command may ask authorities. */
export function judgeRequest(
  input: OpenInput,
  options: ReadingOptions & JudgingOptions & Partial<VerifyingOptions>,
  context: Context,
  network = false,
): JudgeRequest {
  return {
    input,
    config: options.config,
    profile: options.profile,
    rules: options.rule,
    raiseOnly: (process.env['CI'] ?? '') !== '' && options.allowWeaken !== true,
    baseline: options.baseline,
    today: judgementDay(options.asOf),
    verify: verifyChoices(options, context, network),
  }
}

/** What of the options decides beside the configuration: a part of the policy whose digest a signed decision names. */
export function policyChoices(
  options: ReadingOptions & Partial<JudgingOptions>,
  environment: PolicyChoices['environment'],
): PolicyChoices {
  return {
    config: options.config,
    profile: options.profile,
    rules: options.rule ?? [],
    baseline: options.baseline,
    exclude: options.exclude,
    include: options.include,
    targets: options.target,
    features: options.features,
    environment: options.environment === true ? environment : undefined,
  }
}

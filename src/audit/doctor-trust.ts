import type { SourceProblem } from '../model/configured-source.js'
import type { TrustRootReport } from '../model/doctor.js'
import type { TrustProblem, TrustRootDetails } from '../model/trust-report.js'
import type { TrustSettings } from '../model/trust-settings.js'
import { showRoots } from './show-roots.js'

const PUBLIC = {
  embedded: 'sigstore, public instance (comes with assay)',
  tuf: 'sigstore, public instance (fetched by assay trust update)',
} as const

/** The trusted roots that a run with these settings would use, and from when to when they count. Asks nobody. */
export async function trustRoots(
  { roots: files, onlineRoots: online, rootFallback: fallback }: TrustSettings,
  environment: Readonly<Record<string, string | undefined>>,
  timestamp: string,
): Promise<readonly TrustRootReport[]> {
  const { roots, problems, exitCode } = await showRoots({ files, online, fallback, environment, timestamp, now: timestamp })
  const weight = exitCode === 0 ? 'advice' : 'unsafe'
  const told = problems.map((problem) => sourceProblem(problem, weight))
  const [first, ...others] = roots.map((root) => rootReport(root, timestamp))
  if (first === undefined) return [{ name: 'trusted root', problems: told }]
  return [{ ...first, problems: told }, ...others]
}

function rootReport({ name, from, sha256, confirmed, tuf, parts }: TrustRootDetails, timestamp: string): TrustRootReport {
  const firstEnd = parts
    .flatMap(({ until }) => until ?? [])
    .sort()
    .find((end) => end > timestamp)
  return {
    name: from === 'file' ? name : PUBLIC[from],
    sha256,
    ...(confirmed === undefined ? {} : { confirmed: confirmed.slice(0, 10) }),
    ...(tuf === undefined ? {} : { expires: tuf.expires }),
    newestFrom:
      parts
        .map((part) => part.from)
        .sort()
        .at(-1) ?? '',
    ...(firstEnd === undefined ? {} : { firstEnd }),
    problems: [],
  }
}

function sourceProblem({ reason, why, fix }: TrustProblem, weight: SourceProblem['weight']): SourceProblem {
  return { code: reason.replace('/', '-'), weight, why, fix }
}

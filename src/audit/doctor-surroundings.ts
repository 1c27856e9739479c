import { surroundings } from '../evidence/prober.js'
import type { SourceProblem } from '../model/configured-source.js'
import type { SurroundingsReport } from '../model/doctor.js'

type Environment = Readonly<Record<string, string | undefined>>

/** Proxies and authorities that every source is reached through, and switches that take checks away from all of them. */
export async function surroundingsReport(environment: Environment): Promise<SurroundingsReport> {
  const { https, http, extraAuthorities, authorityProblems } = await surroundings(environment)
  const problems: SourceProblem[] = authorityProblems.map((why) => ({
    code: 'authorities-unreadable',
    weight: 'advice',
    why,
    fix: 'correct the path, or unset the variable',
  }))
  if (https === 'invalid' || http === 'invalid') problems.push(BAD_PROXY)
  for (const { name, isOff, what } of SWITCHES) if (isOff(environment[name])) problems.push(switchedOff(name, what))
  return {
    ...(isAddress(https) ? { httpsProxy: https } : {}),
    ...(isAddress(http) ? { httpProxy: http } : {}),
    extraAuthorities,
    problems,
  }
}

function isAddress(proxy: string): boolean {
  return proxy !== 'direct' && proxy !== 'invalid'
}

const BAD_PROXY: SourceProblem = {
  code: 'proxy-unusable',
  weight: 'unreadable',
  why: 'HTTPS_PROXY or HTTP_PROXY holds no address of a proxy',
  fix: 'write http://host:port; SOCKS is not spoken',
}

const SWITCHES = [
  {
    name: 'NODE_TLS_REJECT_UNAUTHORIZED',
    isOff: (value: string | undefined) => value === '0',
    what: 'every program that runs on Node, assay too, takes any certificate',
  },
  {
    name: 'GIT_SSL_NO_VERIFY',
    // git looks at whether it is set, not at what it holds.
    isOff: (value: string | undefined) => value !== undefined,
    what: 'git takes any certificate, and with it every package that is fetched by git',
  },
] as const

function switchedOff(name: string, what: string): SourceProblem {
  const fix = `unset ${name}; name your authority with SSL_CERT_FILE, NODE_EXTRA_CA_CERTS or GIT_SSL_CAINFO`
  return { code: 'checks-off', weight: 'unsafe', why: `${name} is set: ${what}`, fix }
}

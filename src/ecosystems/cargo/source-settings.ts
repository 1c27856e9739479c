import type { SourceProblem } from '../../model/configured-source.js'
import type { TomlPath, TomlValue } from '../../syntax/toml.js'
import { judgeUrl, showLine } from '../source-problems.js'
import type { KnownSource } from '../sources.js'
import type { ConfigFile } from './config.js'
import { table } from './manifest.js'

interface Judged {
  readonly meaning: string
  readonly problems: readonly SourceProblem[]
  /** A value that may be shown. */
  readonly url?: string | undefined
}

const TOKEN: Judged = {
  meaning: 'A token of a registry stands in the file.',
  problems: [
    {
      code: 'token-in-file',
      weight: 'unsafe',
      why: 'whoever can read the file can publish with it',
      fix: 'revoke it, and keep the new one in a credential provider or a variable',
    },
  ],
}

/** Keys of a configuration file that decide how sources are reached and believed (spec/cargo.md §4.4). */
export function settingSources(file: ConfigFile): readonly KnownSource[] {
  const { value, locate } = file.document
  const found: KnownSource[] = []
  const note = (path: TomlPath, judged: Judged | undefined): void => {
    if (judged === undefined) return
    const location = locate(path, 'key')
    const name = path.join('.')
    found.push({
      role: 'setting',
      name,
      from: { kind: 'file', location },
      repeat: [showLine(String(path.at(-1)), location.file)],
      probes: [],
      ...judged,
    })
  }
  const http = table(value['http'])
  note(['http', 'proxy'], proxy(http?.['proxy']))
  note(['http', 'check-revoke'], revocation(http?.['check-revoke']))
  if (typeof http?.['cainfo'] === 'string') note(['http', 'cainfo'], AUTHORITY)
  if (table(value['registry'])?.['token'] !== undefined) note(['registry', 'token'], TOKEN)
  for (const [name, inner] of Object.entries(table(value['registries']) ?? {}))
    if (table(inner)?.['token'] !== undefined) note(['registries', name, 'token'], TOKEN)
  return found
}

const AUTHORITY: Judged = {
  meaning: 'cargo trusts the authorities of this file; assay trusts those of SSL_CERT_FILE and NODE_EXTRA_CA_CERTS.',
  problems: [
    {
      code: 'own-authority',
      weight: 'advice',
      why: 'a repository that names an authority decides who may speak for every registry',
      fix: 'let the machine trust the authority instead',
    },
  ],
}

function proxy(value: TomlValue | undefined): Judged | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  const { shown, problems } = judgeUrl(value.includes('://') ? value : `http://${value}`)
  return {
    meaning: 'cargo reaches registries through this proxy; assay takes HTTPS_PROXY.',
    url: shown,
    // https is tunnelled through a proxy that is itself spoken to in the clear.
    problems: problems.filter(({ code }) => code !== 'plain-http'),
  }
}

function revocation(value: TomlValue | undefined): Judged | undefined {
  if (value !== false) return undefined
  return {
    meaning: 'cargo does not ask whether a certificate was revoked.',
    problems: [
      {
        code: 'checks-off',
        weight: 'unsafe',
        why: 'a stolen certificate stays good until it ends',
        fix: 'take http.check-revoke out',
      },
    ],
  }
}

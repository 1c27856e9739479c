import { Secret } from '../../evidence/http/secret.js'
import { curl, judgeUrl, lsRemote } from '../source-problems.js'
import type { Probe, Reading } from '../sources.js'
import { indexPath, readIndexFile } from './index-file.js'
import type { Place } from './verify/place.js'
import { readRegistrySettings } from './verify/registry-settings.js'

/** A crate whose row never changes but for a withdrawal, and the checksum that lockfiles everywhere have for it. */
const WITNESS = {
  name: 'lazy_static',
  version: '1.5.0',
  checksum: 'bbd2bcb4c963f2ddae06a2efc7e9f3591312473c50c6685e1f298068316e66fe',
}

/** What to ask of a registry; `isPublic`: it stands for the public one, so that it must know its crates (spec/cargo.md §3). */
export function registryProbes(place: Place, isPublic: boolean): readonly Probe[] {
  if (place.kind === 'local') return []
  if (place.kind === 'git-index') {
    if (!/^https?:\/\//i.test(place.url)) return []
    return [
      {
        what: 'refs of the index repository',
        address: new Secret(`${place.url.replace(/\/$/, '')}/info/refs?service=git-upload-pack`),
        onlyReach: true,
      },
    ]
  }
  const settings: Probe = {
    what: 'config.json',
    address: new Secret(`${place.url}config.json`),
    limitBytes: 1024 * 1024,
    read: (bytes) => readSettings(bytes, place.url),
  }
  if (!isPublic) return [settings]
  return [
    settings,
    {
      what: `checksum of ${WITNESS.name} ${WITNESS.version}`,
      address: new Secret(`${place.url}${indexPath(WITNESS.name)}`),
      read: readRow,
      ifAbsent: `it does not have ${WITNESS.name}, which the public registry has`,
      subject: { key: `cargo ${WITNESS.name} ${WITNESS.version}`, expected: WITNESS.checksum, isFixed: true },
    },
  ]
}

/** The commands that ask the same by hand. */
export function registryRepeat(place: Place): readonly string[] {
  if (place.kind === 'local') return []
  const { shown } = judgeUrl(place.url)
  return place.kind === 'git-index' ? [lsRemote(shown)] : [curl(`${shown}config.json`)]
}

/** Where archives come from is told by the index, and may be anywhere. */
function readSettings(bytes: Uint8Array, index: string): Reading {
  const settings = readRegistrySettings(bytes)
  if (settings === undefined) return { ok: false, why: 'what it serves is no config.json of a registry' }
  const { shown, problems } = judgeUrl(settings.dl)
  const host = URL.canParse(shown) ? new URL(shown).host : shown
  const isElsewhere = URL.canParse(index) && host !== new URL(index).host
  return {
    ok: true,
    remark: `archives come from ${host}${settings.authRequired ? ', with a token' : ''}`,
    problems: [
      ...problems.map((problem) => ({ ...problem, why: `the archives (dl): ${problem.why}` })),
      ...(settings.authRequired && isElsewhere
        ? [
            {
              code: 'token-to-other-host',
              weight: 'advice' as const,
              why: `the registry wants a token with every request, and its archives are on another host (${host}): cargo sends it there too`,
              fix: 'make sure that the host belongs to the registry',
            },
          ]
        : []),
    ],
  }
}

function readRow(bytes: Uint8Array): Reading {
  const { kind, found } = readIndexFile(bytes, WITNESS.name, [WITNESS.version])
  if (kind !== 'rows') return { ok: false, why: 'what it serves is no index file of the crate' }
  const [row] = found.get(WITNESS.version) ?? []
  if (row === undefined)
    return { ok: false, why: `its index has no ${WITNESS.name} ${WITNESS.version}, which was published in 2024` }
  return { ok: true, value: row.checksum }
}

import { createHash } from 'node:crypto'
import type { GitRemote } from '../../../evidence/git/remote.js'
import type { Component } from '../../../model/component.js'
import type { CommitFile } from '../../commit-record.js'
import type { Held, MirrorInput, MirrorItem, MirrorOutcome, MirrorPlan, Pinned } from '../../mirror.js'
import { reasonNotToAsk } from '../../whom-to-ask.js'
import { readPackageUrl } from '../url.js'
import { judgeChecksum } from '../verify/checksum-verdict.js'
import { candidatesOf } from '../verify/package-commit.js'
import { gitEnvironmentScript } from './environment.js'

const FOLDER = 'nim'
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

/** A repository at the commit that a lock pins. */
interface PinnedRepository {
  readonly component: Component
  readonly url: string
  readonly commit: string
  readonly subdirectory: string | undefined
  readonly sums: readonly string[]
  readonly path: string
}

/**
 * A store of git bundles, one for each locked repository: nimble and Atlas fetch by git alone, and git takes a bundle for a
 * repository. Each holds the locked commit with its history; its files have the checksum of the lock.
 */
export async function planNimble(input: MirrorInput): Promise<MirrorPlan> {
  const pinned = input.components.map((component) => ({ component, known: pinnedRepository(component) }))
  const commits = new Map<string, string>()
  const items = pinned.map(({ component, known }): MirrorItem => {
    const about: Pinned = { ecosystem: 'nimble', name: component.name, version: component.version }
    const no = (why: string): MirrorItem => ({ pinned: about, fetch: async () => ({ kind: 'not-covered', why }) })
    if (typeof known === 'string') return no(known)
    const other = commits.get(known.url)
    if (other !== undefined && other !== known.commit) return no(`another commit of ${known.url} is stored for another package`)
    commits.set(known.url, known.commit)
    return { pinned: about, fetch: (held) => fetchBundle(input, known, held) }
  })
  return {
    items,
    finish: (stored) =>
      finish(
        pinned.flatMap(({ known }) => (typeof known === 'string' ? [] : [known])),
        stored,
      ),
  }
}

function pinnedRepository(component: Component): PinnedRepository | string {
  const { source, claims, name } = component
  if (source.kind !== 'git') return 'it comes from no git repository'
  const { url, commit, subdirectory } = source
  if (commit === undefined || !COMMIT.test(commit)) return 'no full commit is locked'
  if (readPackageUrl(url).isLocal) return 'it is a folder of the machine that builds'
  const sums = claims.flatMap(({ digest }) => (digest.of === 'tree' && digest.scheme === 'nimble-sha1' ? [digest.value] : []))
  const readable = name.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 64)
  const key = createHash('sha256').update(url).digest('hex').slice(0, 8)
  const path = `${FOLDER}/${readable === '' ? 'package' : readable}-${key}-${commit.slice(0, 12)}.bundle`
  return { component, url, commit, subdirectory, sums: [...new Set(sums)], path }
}

async function fetchBundle(input: MirrorInput, known: PinnedRepository, held: Held): Promise<MirrorOutcome> {
  const { url, commit, path, component } = known
  if (input.git === undefined)
    return { kind: 'unavailable', source: url, why: 'offline no repository is asked, and git is not run' }
  let git: GitRemote
  try {
    git = await input.git()
  } catch (error) {
    return { kind: 'unavailable', why: `git cannot be used here: ${error instanceof Error ? error.message : String(error)}` }
  }
  const before = await held(path)
  if (before !== undefined) {
    const outcome = await verified(git, known, before)
    if (outcome.kind === 'verified') return outcome
  }
  const reason = reasonNotToAsk({ ecosystem: 'nimble', names: [component.name] }, url, input.sources)
  if (reason !== undefined) return { kind: 'unavailable', source: url, why: reason }
  const bundled = await git.bundle(url, commit)
  switch (bundled.kind) {
    case 'ok':
      return verified(git, known, bundled.bytes)
    case 'mismatch':
      return {
        kind: 'refused',
        source: url,
        expected: bundled.expected,
        observed: bundled.observed,
        why: 'objects do not have their ids',
      }
    default:
      return { kind: 'unavailable', source: url, why: bundled.why }
  }
}

/** The same for what is there and for what was fetched: the commit by its id, its files by the checksum of the lock. */
async function verified(git: GitRemote, known: PinnedRepository, bytes: Uint8Array): Promise<MirrorOutcome> {
  const { url, commit, path, sums, component, subdirectory } = known
  const opened = await git.openBundle(bytes, commit)
  if (!opened.ok) return { kind: 'unavailable', source: url, why: `its bundle cannot be used: ${opened.why}` }
  const files = opened.files.flatMap((entry): readonly CommitFile[] => {
    if (entry.kind === 'file' || entry.kind === 'link') return [{ kind: entry.kind, path: entry.path, bytes: entry.bytes }]
    return entry.kind === 'submodule' ? [{ kind: 'submodule', path: entry.path, bytes: Buffer.from(entry.commit) }] : []
  })
  const submodule = files.find(({ kind }) => kind === 'submodule')
  if (submodule !== undefined) return { kind: 'not-covered', why: `its submodule ${submodule.path} is in another repository` }
  const candidates = candidatesOf({ name: component.name, url, commit, subdirectory, listedSubdirectory: undefined }, files)
  for (const expected of sums) {
    const { verdict, observed, why } = judgeChecksum(expected, candidates)
    if (verdict === 'mismatch') return { kind: 'refused', source: `${url}#${commit}`, expected, observed, why }
  }
  const checked = sums.length === 0 ? '' : `, checksum ${sums.join(', ')}`
  return { kind: 'verified', files: [{ path, bytes }], verified: `commit ${commit}${checked}` }
}

function finish(repositories: readonly PinnedRepository[], stored: readonly Pinned[]): ReturnType<MirrorPlan['finish']> {
  const there = new Set(stored.map(({ name, version }) => `${name} ${version ?? ''}`))
  const held = repositories.filter(({ component: { name, version } }) => there.has(`${name} ${version ?? ''}`))
  const script = gitEnvironmentScript([...new Map(held.map(({ url, path }) => [url, { url, path }])).values()])
  return {
    files: [{ path: `${FOLDER}/environment.sh`, bytes: Buffer.from(script) }],
    guide: {
      title: 'Nim',
      lines: [
        'ASSAY_STORE=DIR; . DIR/nim/environment.sh',
        'nimble build      (with a nimble.lock: nimble 0.14 and later take the locked commits from the bundles)',
        'Package lists are not in the store: requirements are to be locked, or given as URLs.',
      ],
    },
  }
}

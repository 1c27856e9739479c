import type { Desk } from '../../../evidence/desk/desk.js'
import type { Component } from '../../../model/component.js'
import { GitSource } from '../../git-source.js'
import { inOrder } from '../../in-order.js'
import type { Verified, Verifier, VerifyInput } from '../../verifier.js'
import { reasonNotToAsk } from '../../whom-to-ask.js'
import { readHub1Records } from './hub1-records.js'
import { PackageCommits } from './package-commit.js'
import type { AskedLists } from './package-lists.js'
import { askLists } from './package-lists.js'
import { SuppliedNimble } from './supplied-nimble.js'
import { verifyPackage } from './verify-package.js'

/**
 * Asks package lists and repositories: the files of the locked commit against the checksum of the lock, the commit and the tag
 * against the repository, the URL against the list (spec/nimble.md §8).
 */
export function nimbleVerifier(): Verifier {
  // One for each desk, so that what was looked at for reading is not looked at again for verifying.
  const known = new WeakMap<Desk, Asked>()
  const askedOf = ({ desk, sources, git: open }: Pick<VerifyInput, 'desk' | 'sources' | 'git'>): Asked => {
    const found = known.get(desk) ?? makeAsked(desk, sources)
    known.set(desk, found)
    found.git.askThrough(open)
    return found
  }
  return {
    name: 'nimble',
    supply: (input) => {
      const { tree, files, sources } = input
      const { commits, lists } = askedOf(input)
      const refuse = (names: readonly string[], url: string) => reasonNotToAsk({ ecosystem: 'nimble', names }, url, sources)
      return new Map([['nimble-packages', new SuppliedNimble({ commits, lists, tree, files, reasonNotToAsk: refuse })]])
    },
    verify: (input) => verify(input, askedOf(input)),
  }
}

interface Asked {
  readonly git: GitSource
  readonly commits: PackageCommits
  /** Asked for when somebody wants to know. */
  readonly lists: () => Promise<AskedLists>
}

function makeAsked(desk: Desk, sources: VerifyInput['sources']): Asked {
  const git = new GitSource(desk)
  let lists: Promise<AskedLists> | undefined
  return { git, commits: new PackageCommits(git), lists: () => (lists ??= askLists(desk, sources)) }
}

async function* verify(input: VerifyInput, { git, commits, lists }: Asked): AsyncGenerator<Verified> {
  const { components, tree, files, depth, sources, onProgress } = input
  if (components.length === 0) return
  const around = {
    ...{ git, commits, depth },
    lists: await lists(),
    hub1: await readHub1Records(tree, files),
    reasonNotToAsk: ({ name }: Component, url: string) =>
      reasonNotToAsk({ ecosystem: 'nimble', names: [name, lastSegment(url)] }, url, sources),
  }
  yield* inOrder(components, (component) => verifyPackage(component, around), onProgress)
}

/** The name by which the host knows the repository. */
function lastSegment(url: string): string {
  return url
    .replace(/\/$/, '')
    .replace(/\.git$/, '')
    .replace(/^.*[/:]/s, '')
}

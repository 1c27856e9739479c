import type { Desk } from '../../../evidence/desk/desk.js'
import type { SourceTree } from '../../../model/tree.js'
import { GitSource } from '../../git-source.js'
import { inOrder } from '../../in-order.js'
import type { SupplyInput, Verified, Verifier, VerifyInput } from '../../verifier.js'
import { mirrored, reasonNotToAsk } from '../../whom-to-ask.js'
import { readZigUrl } from '../url.js'
import { PackageSource } from './package-source.js'
import { storesAtHand } from './stored-copies.js'
import { SuppliedPackages } from './supplied-packages.js'
import { verifyPackage } from './verify-package.js'

/** Asks the URLs beside the hashes: fetches packages, hashes them as zig does, compares (spec/zig.md §7). */
export function zigVerifier(): Verifier {
  // One for each desk, so that what was fetched for reading is not hashed again for verifying.
  const sources = new WeakMap<Desk, Sources>()
  const sourcesOf = ({ desk, git: open }: Pick<VerifyInput, 'desk' | 'git'>): Sources => {
    const git = new GitSource(desk)
    const made = sources.get(desk) ?? { git, packages: new PackageSource(desk, git) }
    sources.set(desk, made)
    made.git.askThrough(open)
    return made
  }
  return {
    name: 'zig',
    supply: (input) => new Map([['zig-cache', supply(input, sourcesOf(input).packages)]]),
    verify: (input) => verify(input, sourcesOf(input)),
  }
}

interface Sources {
  readonly git: GitSource
  readonly packages: PackageSource
}

function supply({ tree, files, sources }: SupplyInput, packages: PackageSource): SourceTree {
  return new SuppliedPackages({
    packages,
    tree,
    files,
    reasonNotToAsk: (names, url) => reasonNotToAsk({ ecosystem: 'zig', names }, url, sources),
  })
}

async function* verify(input: VerifyInput, asked: Sources): AsyncGenerator<Verified> {
  const { components, tree, files, depth, sources, caches, onProgress } = input
  const around = {
    ...asked,
    stores: await storesAtHand(tree, files, caches?.get('zig-cache')),
    depth,
    mirrorsOf: (url: string) => mirrored(url, sources.mirrors),
    reasonNotToAsk: ({ name }: { readonly name: string }, url: string) =>
      reasonNotToAsk({ ecosystem: 'zig', names: [name, ...repositoryIn(url)] }, url, sources),
  }
  yield* inOrder(components, (component) => verifyPackage(component, around), onProgress)
}

/** The name by which a code host knows the repository. */
function repositoryIn(url: string): readonly string[] {
  const { url: read } = readZigUrl(url)
  const repository = read.kind === 'archive' || read.kind === 'git' ? read.forge?.repository : undefined
  return repository === undefined ? [] : [repository]
}

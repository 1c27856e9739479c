import type { Desk } from '../../../evidence/desk/desk.js'
import { GitSource } from '../../git-source.js'
import type { SupplyInput, Verified, Verifier, VerifyInput } from '../../verifier.js'
import { inParallel } from './in-parallel.js'
import { supplyIndex } from './supply.js'
import { cargoCredentials, RegistryTokens } from './tokens.js'
import type { Work } from './verification.js'
import { Verification } from './verification.js'
import { openWhereabouts } from './whereabouts.js'

/** Crates asked about at a time; the client bounds what goes to one host. */
const AT_ONCE = 64

/** Asks registries, archives and repositories about crates (spec/cargo.md §3, §6). */
export function cargoVerifier(): Verifier {
  // One for each desk: what reading was told of a repository is not asked again.
  const sources = new WeakMap<Desk, GitSource>()
  const gitOf = ({ desk, git }: Pick<SupplyInput, 'desk' | 'git'>): GitSource => {
    const source = sources.get(desk) ?? new GitSource(desk)
    sources.set(desk, source)
    source.askThrough(git)
    return source
  }
  return {
    name: 'cargo',
    supply: (input) => new Map([['cargo-index', supplyIndex(input, gitOf(input))]]),
    credentials: cargoCredentials,
    verify: (input) => verify(input, gitOf(input)),
  }
}

async function* verify(input: VerifyInput, git: GitSource): AsyncGenerator<Verified> {
  const whereabouts = await openWhereabouts(input)
  const tokens = new RegistryTokens(whereabouts.files, input.environment, input.sources)
  const verification = new Verification(input, git, whereabouts, tokens)
  const done = new Set<string>()
  yield* inParallel<Work, Verified>(verification.works(), AT_ONCE, async ({ components, run }, emit) => {
    await run(emit)
    for (const { id } of components) done.add(id)
    input.onProgress?.(done.size, input.components.length)
  })
}

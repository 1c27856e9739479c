import type { Verified, Verifier, VerifyInput } from '../../verifier.js'
import type { GitAsker } from './git-asker.js'
import { inParallel } from './in-parallel.js'
import { supplyIndex } from './supply.js'
import { cargoCredentials, RegistryTokens } from './tokens.js'
import type { Work } from './verification.js'
import { Verification } from './verification.js'
import { openWhereabouts } from './whereabouts.js'

/** Crates asked about at a time; the client bounds what goes to one host. */
const AT_ONCE = 64

/** The Cargo verifier. Without `git`, whatever only a repository can tell is `not-checkable`. */
export function cargoVerifier(git?: GitAsker): Verifier {
  return {
    name: 'cargo',
    supply: (input) => new Map([['cargo-index', supplyIndex(input, git)]]),
    credentials: cargoCredentials,
    verify: (input) => verify(input, git),
  }
}

async function* verify(input: VerifyInput, git: GitAsker | undefined): AsyncGenerator<Verified> {
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

import type { Verifier } from './verifier.js'

/** The verifiers there are, by the name of their ecosystem; loaded only by commands that verify. */
export const VERIFIERS: ReadonlyMap<string, () => Promise<Verifier>> = new Map([
  ['cargo', async () => (await import('./cargo/verify/verifier.js')).cargoVerifier()],
  ['go', async () => (await import('./go/verify/verifier.js')).goVerifier()],
  ['zig', async () => (await import('./zig/verify/verifier.js')).zigVerifier()],
  ['nimble', async () => (await import('./nimble/verify/verifier.js')).nimbleVerifier()],
])

import type { Mirror } from './mirror.js'

/** Who can compare mirrors and make stores, by the name of the ecosystem; loaded only by `assay mirror`. */
export const MIRRORS: ReadonlyMap<string, () => Promise<Mirror>> = new Map([
  ['cargo', async () => (await import('./cargo/mirror/mirror.js')).cargoMirror],
  ['go', async () => (await import('./go/mirror/mirror.js')).goMirror],
  ['zig', async () => (await import('./zig/mirror/mirror.js')).zigMirror],
  ['nimble', async () => (await import('./nimble/mirror/mirror.js')).nimbleMirror],
])

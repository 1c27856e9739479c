import type { EcosystemEntry } from '../model/ecosystem.js'
import { claimCargo } from './cargo/claims.js'
import { claimGo } from './go/claims.js'
import { claimNimble } from './nimble/claims.js'
import { claimZig } from './zig/claims.js'

/** Every ecosystem assay knows. Adding one is a folder beside this file and a line here. */
export const ECOSYSTEMS: readonly EcosystemEntry[] = [
  { name: 'cargo', claim: claimCargo, load: async () => (await import('./cargo/index.js')).cargo },
  { name: 'go', claim: claimGo, load: async () => (await import('./go/index.js')).go },
  { name: 'zig', claim: claimZig, load: async () => (await import('./zig/index.js')).zig },
  { name: 'nimble', claim: claimNimble, load: async () => (await import('./nimble/index.js')).nimble },
]

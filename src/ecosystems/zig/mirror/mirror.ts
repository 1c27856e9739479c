import type { Mirror } from '../../mirror.js'
import { compareZig } from './compare.js'
import { HeldPackages } from './held-packages.js'
import { planZig } from './plan.js'

/** Packages: sources compared by the hash, and a store in the form of zig's package cache. */
export const zigMirror: Mirror = {
  name: 'zig',
  compare: compareZig,
  plan: planZig,
  supply: (held, behind) => new Map([['zig-cache', new HeldPackages(held, behind.get('zig-cache'))]]),
}

import type { Mirror } from '../../mirror.js'
import { compareZig } from './compare.js'
import { planZig } from './plan.js'

/** Packages: sources compared by the hash, and a store in the form of zig's package cache. */
export const zigMirror: Mirror = { name: 'zig', compare: compareZig, plan: planZig }

import type { Mirror } from '../../mirror.js'
import { compareCargo } from './compare.js'
import { planCargo } from './plan.js'

/** Crates: indexes compared, and a store that cargo reads as a local registry (spec/cargo.md §3.7). */
export const cargoMirror: Mirror = { name: 'cargo', compare: compareCargo, plan: planCargo }

import type { Mirror } from '../../mirror.js'
import { planNimble } from './plan.js'

/** Repositories: a store of git bundles. There is no registry of packages to compare. */
export const nimbleMirror: Mirror = { name: 'nimble', plan: planNimble }

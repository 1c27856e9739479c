import type { Mirror } from '../../mirror.js'
import { compareGo } from './compare.js'
import { planGo } from './plan.js'

/** Modules: proxies compared, and a store that the go command reads as a proxy. */
export const goMirror: Mirror = { name: 'go', compare: compareGo, plan: planGo }

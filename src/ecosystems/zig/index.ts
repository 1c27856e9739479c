import type { Ecosystem } from '../../model/ecosystem.js'
import { readZig } from './read.js'
import { ZIG_RULES } from './rules.js'

export const zig: Ecosystem = { name: 'zig', title: 'Zig', read: readZig, rules: ZIG_RULES }

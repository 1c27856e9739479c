import type { Mirror } from '../../mirror.js'
export const zigMirror: Mirror = {
  name: 'zig',
  plan: async () => ({ items: [], finish: () => ({ files: [], guide: { title: 'zig', lines: [] } }) }),
}

import type { Mirror } from '../../mirror.js'
export const nimbleMirror: Mirror = {
  name: 'nimble',
  plan: async () => ({ items: [], finish: () => ({ files: [], guide: { title: 'nimble', lines: [] } }) }),
}

import type { Mirror } from '../../mirror.js'
export const goMirror: Mirror = {
  name: 'go',
  plan: async () => ({ items: [], finish: () => ({ files: [], guide: { title: 'go', lines: [] } }) }),
}

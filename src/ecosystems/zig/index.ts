import type { Ecosystem } from '../../model/ecosystem.js'

export const zig: Ecosystem = {
  name: 'zig',
  title: 'Zig',
  rules: [],
  read: async () => ({
    ecosystem: 'zig',
    projects: [],
    components: [],
    edges: [],
    replacements: [],
    facts: [],
    diagnostics: [],
    files: [],
  }),
}

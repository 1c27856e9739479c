import type { Ecosystem } from '../../model/ecosystem.js'

export const go: Ecosystem = {
  name: 'go',
  title: 'Go',
  rules: [],
  read: async () => ({
    ecosystem: 'go',
    projects: [],
    components: [],
    edges: [],
    replacements: [],
    facts: [],
    diagnostics: [],
    files: [],
  }),
}

import type { Ecosystem } from '../../model/ecosystem.js'

export const nimble: Ecosystem = {
  name: 'nimble',
  title: 'Nimble',
  rules: [],
  read: async () => ({
    ecosystem: 'nimble',
    projects: [],
    components: [],
    edges: [],
    replacements: [],
    facts: [],
    diagnostics: [],
    files: [],
  }),
}

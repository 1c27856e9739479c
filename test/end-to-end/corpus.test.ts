import { describe, expect, it } from 'vitest'
import { assay } from '../support/assay.js'
import { describeShared, listShared, readSharedJson, sharedPath } from '../support/shared.js'

interface Report {
  readonly exitCode: number
  readonly coverage: { readonly components: readonly { readonly ecosystem: string; readonly components: number }[] }
  readonly diagnostics: readonly { readonly severity: string }[]
  readonly files: readonly { readonly state: string }[]
}

const FORMATS = ['cyclonedx-1.4-json', 'cyclonedx-1.5-json', 'cyclonedx-1.6-json', 'cyclonedx-1.7-json', 'spdx-2.3-json']

describeShared('corpus/repos', 'lockfiles and manifests of real projects', () => {
  const { projects } = readSharedJson<{ projects: readonly { folder: string; ecosystems: readonly string[] }[] }>(
    'corpus',
    'repos',
    'index.json',
  )

  it('has them all', () => {
    expect(projects.map(({ folder }) => folder).sort()).toEqual(
      listShared('corpus', 'repos').filter((name) => name !== 'index.json'),
    )
  })

  describe.each(projects)('$folder', ({ folder, ecosystems }) => {
    const path = sharedPath('corpus', 'repos', folder)

    it('is read whole and judged', async () => {
      const { code, stdout, stderr } = await assay(['audit', path, '--json', '--no-config'])
      expect(stderr).toBe('')
      const report = JSON.parse(stdout) as Report
      expect([0, 1]).toContain(code)
      expect(code).toBe(report.exitCode)
      expect(report.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
      expect(report.files.filter(({ state }) => state === 'unreadable' || state === 'partial')).toEqual([])
      expect(report.coverage.components.map(({ ecosystem }) => ecosystem)).toEqual(expect.arrayContaining([...ecosystems]))
    })

    it('becomes a valid document of every format, twice the same', async () => {
      const env = { SOURCE_DATE_EPOCH: '1767225600' }
      for (const format of FORMATS) {
        const { code, stdout } = await assay(['sbom', path, '--format', format, '--validate', '--no-config'], { env })
        expect(code).toBe(0)
        expect((await assay(['sbom', path, '--format', format, '--no-config'], { env })).stdout).toBe(stdout)
      }
    })

    it('has a graph in every form', async () => {
      for (const form of ['tree', 'dot', 'json']) {
        const { code, stdout } = await assay(['graph', path, '--format', form])
        expect(code).toBe(0)
        expect(stdout.length).toBeGreaterThan(50)
      }
    })
  })
})

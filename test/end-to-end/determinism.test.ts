import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { assay, copyExample, withScratch } from '../support/assay.js'

const COMMANDS: readonly (readonly string[])[] = [
  ['sbom', '--format', 'cyclonedx-1.6-json'],
  ['sbom', '--format', 'cyclonedx-1.4-json'],
  ['sbom', '--format', 'spdx-2.3-json'],
  ['graph', '--json'],
  ['graph', '--format', 'dot'],
  ['graph', '--format', 'tree'],
  ['audit', '--format', 'json'],
  ['audit', '--format', 'sarif'],
  ['audit'],
]

describe('same input, same bytes', () => {
  it.each(COMMANDS)('%s %s %s', (command, ...rest) =>
    withScratch(async (folder) => {
      const first = copyExample('polyglot', folder)
      const second = copyExample('polyglot', join(folder, 'elsewhere', 'ünïcode path'))
      const one = await assay([command, first, ...rest], {
        env: { SOURCE_DATE_EPOCH: '1767225600', TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' },
      })
      const two = await assay([command, '.', ...rest], {
        cwd: second,
        env: { SOURCE_DATE_EPOCH: '1767225600', TZ: 'America/Los_Angeles', LC_ALL: 'C', HOME: folder },
      })
      expect(one.stdout.length).toBeGreaterThan(100)
      expect(two.stdout).toBe(one.stdout)
      expect(two.code).toBe(one.code)
    }),
  )

  it('states the time it is told, and no other', async () => {
    const { stdout } = await assay(['sbom', 'examples/clean'], { env: { SOURCE_DATE_EPOCH: '1767225600' } })
    expect(JSON.parse(stdout)).toMatchObject({ metadata: { timestamp: '2026-01-01T00:00:00Z' } })
    const given = await assay(['sbom', 'examples/clean', '--timestamp', '2026-05-06T07:08:09Z'])
    expect(JSON.parse(given.stdout)).toMatchObject({ metadata: { timestamp: '2026-05-06T07:08:09Z' } })
  })
})

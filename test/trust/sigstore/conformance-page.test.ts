import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { PROJECT } from '../../support/assay.js'
import { describeShared } from '../../support/shared.js'
import { CONFORMANCE } from './conformance.js'
import { conformancePage } from './conformance-page.js'

const PAGE = join(PROJECT, 'docs', 'conformance.md')
const README = join(PROJECT, 'README.md')
/** Where the README states the totals. */
const STATED = /^(?:sigstore conformance suite: .*)$/m

describeShared(CONFORMANCE, 'the page about conformance', () => {
  it('is what the runs give, and so is the line of the README', { timeout: 60_000 }, async () => {
    const { page, totals } = await conformancePage()
    if (process.env['ASSAY_WRITE_DOCS'] === '1') {
      if (!existsSync(PAGE) || readFileSync(PAGE, 'utf8') !== page) writeFileSync(PAGE, page)
      const readme = readFileSync(README, 'utf8')
      const stated = `${totals}. The table: [docs/conformance.md](docs/conformance.md).`
      if (!readme.includes(stated))
        writeFileSync(
          README,
          readme.replace(STATED, () => stated),
        )
    }
    expect(readFileSync(PAGE, 'utf8')).toBe(page)
    expect(readFileSync(README, 'utf8')).toContain(totals)
    expect(totals).toContain('140/140 runs right (good accepted 42/42, bad refused 98/98); cases beside it: 30/30')
  })
})

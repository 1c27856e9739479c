import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { PROJECT } from '../../support/assay.js'
import { describeShared } from '../../support/shared.js'
import { CONFORMANCE } from './conformance.js'
import { conformancePage } from './conformance-page.js'

const PAGE = join(PROJECT, 'docs', 'conformance.md')
const README = join(PROJECT, 'README.md')
/** Where the README states what came out. */
const STATED = /^\| cases \| with the bytes .*\n(?:\|.*\n)*/m

describeShared(CONFORMANCE, 'the page about conformance', () => {
  it('is what the runs give, and so is the table of the README', { timeout: 60_000 }, async () => {
    const { page, totals, summary } = await conformancePage()
    if (process.env['ASSAY_WRITE_DOCS'] === '1') {
      if (!existsSync(PAGE) || readFileSync(PAGE, 'utf8') !== page) writeFileSync(PAGE, page)
      const readme = readFileSync(README, 'utf8')
      if (!readme.includes(summary))
        writeFileSync(
          README,
          readme.replace(STATED, () => `${summary}\n`),
        )
    }
    expect(readFileSync(PAGE, 'utf8')).toBe(page)
    expect(readFileSync(README, 'utf8')).toContain(`\n${summary}\n`)
    expect(totals).toContain('140/140 runs right (good accepted 42/42, bad refused 98/98); cases beside it: 30/30')
  })
})

// Writes what is made from the program itself: docs/rules.md, docs/conformance.md and reports/sample. `--check` writes
// nothing and says what is out of date (the tests call it so).
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ROOT, runPackage } from './steps.mjs'

const check = process.argv.includes('--check')
const { audit } = await import(pathToFileURL(join(ROOT, 'dist', 'lib', 'index.js')).href)
const { rules } = await audit(join(ROOT, 'examples', 'clean'), { config: false, timestamp: '2026-01-01T00:00:00Z' })

const groups = Map.groupBy
  ? Map.groupBy(rules, (rule) => rule.id.split('/')[0])
  : rules.reduce((map, rule) => {
      const group = rule.id.split('/')[0]
      return map.set(group, [...(map.get(group) ?? []), rule])
    }, new Map())
const lines = [
  '# Rules',
  '',
  `${rules.length} rules. Severities are those of the profiles relaxed, recommended and strict; \`audit\` reports everything and blocks nothing. A hard rule cannot be silenced by a waiver or baseline. This page is written by \`node scripts/write-docs.mjs\`.`,
]
for (const [group, members] of groups) {
  lines.push(
    '',
    `## ${group}`,
    '',
    '| rule | finds | why | relaxed, recommended, strict | options |',
    '| --- | --- | --- | --- | --- |',
  )
  for (const rule of members) {
    const options = Object.entries(rule.options ?? {}).map(
      ([name, { default: value, about }]) => `\`${name}\` (${JSON.stringify(value)}): ${about}`,
    )
    const { relaxed, recommended, strict } = rule.severity
    const cells = [
      `\`${rule.id}\`${rule.hard ? ' (hard)' : ''}`,
      rule.title,
      rule.why,
      `${relaxed}, ${recommended}, ${strict}`,
      options.join('; '),
    ]
    lines.push(`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
  }
}
put('docs/rules.md', `${lines.join('\n')}\n`)

for (const [format, name] of [
  ['text', 'polyglot.txt'],
  ['sarif', 'polyglot.sarif'],
  ['json', 'polyglot.json'],
]) {
  put(`reports/sample/${name}`, run(['audit', 'examples/polyglot', '--format', format, '--as-of', '2026-11-01']))
}
put('reports/sample/polyglot.cdx.json', run(['sbom', 'examples/polyglot']))
put('reports/sample/polyglot.spdx.json', run(['sbom', 'examples/polyglot', '--format', 'spdx-2.3-json']))

// What the conformance suite of sigstore gives is written by the test that runs it, where its cases are at hand; the same
// test checks the page.
if (!check) {
  process.env['ASSAY_WRITE_DOCS'] = '1'
  process.exitCode = runPackage('vitest', 'vitest', ['run', 'test/trust/sigstore/conformance-page.test.ts', '--reporter=dot'])
}

function run(args) {
  const { stdout, error } = spawnSync(process.execPath, [join(ROOT, 'dist', 'cli.cjs'), ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, SOURCE_DATE_EPOCH: '1767225600', ASSAY_OFFLINE: '1' },
  })
  if (error) throw error
  return stdout
}

function put(path, text) {
  const file = join(ROOT, path)
  const same = existsSync(file) && readFileSync(file, 'utf8') === text
  if (same) return
  if (check) {
    process.stderr.write(`${path} is out of date: node scripts/write-docs.mjs\n`)
    process.exitCode = 1
    return
  }
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  process.stderr.write(`wrote ${path}\n`)
}

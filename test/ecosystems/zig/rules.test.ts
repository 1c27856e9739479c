import { describe, expect, it } from 'vitest'
import { ZIG_RULES } from '../../../src/ecosystems/zig/rules.js'
import { MemoryTree } from '../../support/memory-tree.js'
import { judge } from './judge.js'
import { manifest, readZig, withDependencies } from './read-zig.js'

const DIFFZ = 'diffz-0.0.1-G2tlISzNAQCldmOcINavGmF1zdt20NFPXeM8d07jp_68'
const LEGACY = '1220b3520daeb3fd09bd0426a1dd5903c8c1b7b32ea0a0a286af3c662a087af85823'
const COMMIT = 'b39fe07e7fdbcf56e43ba2890b9f484f16969f90'
const url = (text: string, hash: string | undefined = DIFFZ): string =>
  `.{ .url = "${text}"${hash === '' ? '' : `, .hash = "${hash}"`} }`
const GOOD = withDependencies(`.diffz = ${url(`https://github.com/ziglibs/diffz/archive/${COMMIT}.tar.gz`)}`)
const INNER =
  '.{ .name = .inner, .version = "1.0.0", .fingerprint = 0x6d310bc900000001, .paths = .{"src"}, .minimum_zig_version = "0.14.0" }'

type Files = Readonly<Record<string, string>>
interface Case {
  readonly rule: string
  readonly fires: Files
  /** What the finding says. */
  readonly says: string
  readonly silent: Files
  readonly cache?: Files
}
const only = (text: string): Files => ({ 'build.zig.zon': text })

const CASES: readonly Case[] = [
  {
    rule: 'zig/hash-missing',
    fires: only(withDependencies(`.diffz = ${url('https://example.org/diffz.tar.gz', '')}`)),
    says: 'diffz has no hash: https://example.org/diffz.tar.gz',
    silent: only(GOOD),
  },
  {
    rule: 'zig/hash-malformed',
    fires: only(withDependencies(`.diffz = ${url('https://example.org/diffz.tar.gz', '1220abcd')}`)),
    says: 'the hash of diffz is malformed: a 1220 hash has 68 characters',
    silent: only(GOOD),
  },
  {
    rule: 'zig/hash-legacy',
    fires: only(withDependencies(`.diffz = ${url('https://example.org/diffz.tar.gz', LEGACY)}`)),
    says: 'the hash of diffz has the form of zig before 0.14',
    silent: only(GOOD),
  },
  {
    rule: 'zig/hash-name-mismatch',
    fires: only(GOOD),
    says: 'the hash names diffz 0.0.1 with id 0x21656b1b, the manifest at hand inner 1.0.0 with id 0x00000001',
    silent: only(
      GOOD.replace(
        'diffz-0.0.1-G2tlISzNAQCldmOcINavGmF1zdt20NFPXeM8d07jp_68',
        'inner-1.0.0-AQAAACzNAQCldmOcINavGmF1zdt20NFPXeM8d07jp_68',
      ),
    ),
    cache: {
      [`p/${DIFFZ}/build.zig.zon`]: INNER,
      'p/inner-1.0.0-AQAAACzNAQCldmOcINavGmF1zdt20NFPXeM8d07jp_68/build.zig.zon': INNER,
    },
  },
  {
    rule: 'zig/dependency-key',
    fires: only(withDependencies(`.diff_tool = ${url('https://example.org/diffz.tar.gz')}`)),
    says: 'diff_tool is the package diffz',
    silent: only(GOOD),
  },
  {
    rule: 'zig/fingerprint',
    fires: only(manifest('', 'demo', '0x2f72708500000001')),
    says: 'demo: its fingerprint belongs to another name: 0xd642dfa0 is the checksum of this one, 0x2f727085 is there',
    silent: only(GOOD),
  },
  {
    rule: 'zig/url-duplicate',
    fires: only(
      withDependencies(`.diffz = ${url('https://example.org/diffz.tar.gz')}, .copy = ${url('https://example.net/diffz.tar.gz')}`),
    ),
    says: 'diffz comes from https://example.org/diffz.tar.gz, https://example.net/diffz.tar.gz',
    silent: only(
      withDependencies(`.diffz = ${url('https://example.org/diffz.tar.gz')}, .copy = ${url('https://example.org/diffz.tar.gz')}`),
    ),
  },
  {
    rule: 'zig/duplicate-field',
    fires: only(withDependencies('.a = .{ .path = "a" }, .a = .{ .path = "b" }')),
    says: "build.zig.zon: duplicate field 'a'",
    silent: only(withDependencies('.a = .{ .path = "a" }, .b = .{ .path = "a" }')),
  },
  {
    rule: 'zig/unsupported-url',
    fires: only(withDependencies(`.diffz = ${url('ssh://git@example.org/diffz.git')}`)),
    says: 'ssh://example.org/diffz.git: zig fetches nothing by the scheme ssh',
    silent: only(GOOD),
  },
  {
    rule: 'zig/path-with-hash',
    fires: only(withDependencies(`.lib = .{ .path = "lib", .hash = "${DIFFZ}" }`)),
    says: 'lib is the folder lib and has a hash',
    silent: only(withDependencies('.lib = .{ .path = "lib" }')),
  },
  {
    rule: 'zig/minimum-version-missing',
    fires: only(GOOD.replace(/.*minimum_zig_version.*\n/, '')),
    says: 'build.zig.zon names no minimum',
    silent: only(GOOD),
  },
  {
    rule: 'zig/paths-wide',
    fires: only(GOOD.replace(/\.paths = [^\n]*/, '.paths = .{""},')),
    says: 'paths of build.zig.zon covers the whole tree',
    silent: only(GOOD),
  },
  {
    rule: 'zig/paths-empty',
    fires: only(GOOD.replace(/\.paths = [^\n]*/, '.paths = .{},')),
    says: 'paths of build.zig.zon is empty',
    silent: only(GOOD),
  },
  {
    rule: 'zig/paths-escape',
    fires: only(GOOD.replace(/\.paths = [^\n]*/, '.paths = .{ "src", "../shared" },')),
    says: 'paths of build.zig.zon: ../shared lies outside the package and matches nothing',
    silent: only(GOOD.replace(/\.paths = [^\n]*/, '.paths = .{ "src/../shared" },')),
  },
  {
    rule: 'zig/system-library',
    fires: { ...only(GOOD), 'build.zig': 'exe.linkSystemLibrary("sqlite3");\n' },
    says: 'demo@1.0.0 links sqlite3',
    silent: {
      ...only(GOOD),
      'build.zig': 'exe.linkSystemLibrary("c");\n// exe.linkSystemLibrary("sqlite3");\nexe.linkSystemLibrary("diffz");\n',
    },
  },
  // Rules of all ecosystems, over what Zig states.
  {
    rule: 'source/git-floating',
    fires: only(withDependencies(`.diffz = ${url('git+https://example.org/diffz#main')}`)),
    says: 'https://example.org/diffz follows main, a branch or a tag, and no lockfile holds its commit',
    silent: only(withDependencies(`.diffz = ${url(`git+https://example.org/diffz?ref=main#${COMMIT}`)}`)),
  },
  {
    rule: 'source/mutable-archive',
    fires: only(withDependencies(`.diffz = ${url('https://github.com/ziglibs/diffz/archive/refs/heads/main.tar.gz')}`)),
    says: 'https://github.com/ziglibs/diffz/archive/refs/heads/main.tar.gz names a moving target',
    silent: only(GOOD),
  },
  {
    rule: 'source/insecure-transport',
    fires: only(withDependencies(`.diffz = ${url(`git+http://example.org/diffz#${COMMIT}`)}`)),
    says: 'http://example.org/diffz has no transport security',
    silent: only(GOOD),
  },
  {
    rule: 'source/credential-in-url',
    fires: only(withDependencies(`.diffz = ${url('https://user:hunter2@example.org/diffz.tar.gz')}`)),
    says: 'a credential stands in the URL of diffz',
    silent: only(withDependencies(`.diffz = ${url(`git+https://git@example.org/diffz#${COMMIT}`)}`)),
  },
  {
    rule: 'source/path-outside-repo',
    fires: only(withDependencies('.lib = .{ .path = "../lib" }')),
    says: 'lib is at ../lib, outside the repository',
    silent: { 'app/build.zig.zon': withDependencies('.lib = .{ .path = "../lib" }'), 'lib/build.zig': '' },
  },
  {
    rule: 'graph/incomplete',
    fires: only(withDependencies('.lib = .{ .path = "lib" }')),
    says: 'the dependencies of lib are not known: its folder is not in the repository',
    silent: { ...only(withDependencies('.lib = .{ .path = "lib" }')), 'lib/build.zig': '' },
  },
  {
    rule: 'graph/build-code',
    fires: only(GOOD),
    says: 'diffz@0.0.1 runs build.zig when it is built',
    silent: { ...only(withDependencies('.lib = .{ .path = "lib" }')), 'lib/build.zig': '' },
    cache: { [`p/${DIFFZ}/build.zig`]: '' },
  },
]

describe('the rules', () => {
  it.each(CASES)('$rule fires', async ({ rule, fires, says, cache }) => {
    const inventory = await readZig(fires, cache === undefined ? {} : { 'zig-cache': new MemoryTree(cache) })
    const findings = judge(inventory, rule)
    expect(findings.map((finding) => finding.message)).toEqual([says])
    for (const { location, fix } of findings) {
      expect(Object.keys(fires)).toContain(location?.file)
      expect(fix).not.toBe('')
    }
    expect(JSON.stringify([inventory, findings])).not.toContain('hunter2')
  })

  it.each(CASES)('$rule is silent', async ({ rule, silent, cache }) => {
    const inventory = await readZig(silent, cache === undefined ? {} : { 'zig-cache': new MemoryTree(cache) })
    expect(inventory.components.length).toBeGreaterThan(0)
    expect(judge(inventory, rule)).toEqual([])
  })

  it('are all tried here', () => {
    expect(new Set(CASES.map(({ rule }) => rule).filter((id) => id.startsWith('zig/')))).toEqual(
      new Set(ZIG_RULES.filter(({ evidence }) => evidence.includes('L')).map(({ id }) => id)),
    )
  })
})

describe('options and details of rules', () => {
  it('zig/fingerprint: a missing one counts in a package of the repository, not in a fetched one', async () => {
    const bare = GOOD.replace(/.*fingerprint.*\n/, '')
    const cache = new MemoryTree({ [`p/${DIFFZ}/build.zig.zon`]: '.{ .name = .diffz, .version = "0.0.1", .paths = .{""} }' })
    const findings = judge(await readZig(only(bare), { 'zig-cache': cache }), 'zig/fingerprint')
    expect(findings.map((finding) => finding.message)).toEqual(['demo: it has no fingerprint'])
    expect(judge(await readZig(only(bare)), 'zig/fingerprint', { allow: ['demo'] })).toEqual([])
  })

  it('zig/fingerprint: one name and id from two repositories, one id under two names', async () => {
    const tail = DIFFZ.slice(-44)
    const inventory = await readZig(
      only(
        withDependencies(`
          .diffz = ${url(`https://github.com/ziglibs/diffz/archive/${COMMIT}.tar.gz`)},
          .same = ${url(`git+https://github.com/ZigLibs/diffz#${COMMIT}`, `diffz-0.0.2-${tail}`)},
          .mirror = ${url('https://mirror.example.org/diffz.tar.gz', `diffz-0.0.3-${tail}`)},
          .fork = ${url(`git+https://github.com/stranger/diffz#${COMMIT}`, `diffz-9.0.0-${tail}`)},
          .other = ${url('https://example.org/other.tar.gz', `other-1.0.0-${tail}`)},`),
      ),
    )
    expect(judge(inventory, 'zig/fingerprint').map((finding) => finding.message)).toEqual([
      'diffz: its name and id also come from github.com/ziglibs/diffz',
      'other: it has the id 0x21656b1b of diffz',
    ])
  })

  it('zig/hash-legacy: says when the compiler asked for refuses it', async () => {
    const text = withDependencies(`.diffz = ${url('https://example.org/diffz.tar.gz', LEGACY)}`)
    const findings = judge(await readZig(only(text.replace('"0.14.0"', '"0.16.0-dev.3+abc"'))), 'zig/hash-legacy')
    expect(findings[0]?.message).toBe(
      'the hash of diffz has the form of zig before 0.14, which the minimum_zig_version here refuses',
    )
  })

  it('zig/system-library: what is declared elsewhere is known', async () => {
    const files = { ...only(GOOD), 'build.zig': 'exe.linkSystemLibrary2("sqlite3", .{});\n' }
    expect(judge(await readZig(files), 'zig/system-library', { known: ['sqlite3'] })).toEqual([])
    expect(judge(await readZig(files), 'zig/system-library')[0]?.location).toMatchObject({
      file: 'build.zig',
      line: 1,
      column: 5,
    })
  })
})

import type { Component, DigestClaim, LicenseClaim, Occurrence } from '../../../src/model/component.js'
import type { Digest, HashAlgorithm } from '../../../src/model/digest.js'
import { HEX_LENGTH } from '../../../src/model/digest.js'
import { component } from '../../support/graphs.js'

/** A made-up digest: one character, as often as the algorithm wants. */
export function hex(digit: string, algorithm: HashAlgorithm = 'sha256'): string {
  return digit.repeat(HEX_LENGTH[algorithm])
}

export function claim(digest: Digest, statedBy: DigestClaim['statedBy'], file: string, line: number): DigestClaim {
  return { digest, statedBy, location: { file, line, column: 12 } }
}

export function artifact(digit: string, algorithm: HashAlgorithm = 'sha256'): Digest {
  return { of: 'artifact', algorithm, value: hex(digit, algorithm) }
}

function at(file: string, line: number, role: Occurrence['role'] = 'lock'): Occurrence {
  return { location: { file, line, column: 1 }, role }
}

export function license(kind: LicenseClaim['kind'], raw: string, expression?: string): LicenseClaim {
  return { kind, raw, location: { file: 'Cargo.toml', line: 3, column: 1 }, ...(expression === undefined ? {} : { expression }) }
}

export const CARGO = 'cargo:Cargo.lock'
export const GO = 'go:service/go.mod'
export const ZIG = 'zig:native/build.zig.zon'
export const NIM = 'nimble:tools/nimble.lock'

export const app = component('demo-app', '1.2.0', {
  source: { kind: 'path', path: '.', outside: false },
  purl: undefined,
  type: 'application',
  firstParty: true,
  direct: true,
  licenses: [license('declared', 'Apache-2.0', 'Apache-2.0')],
  occurrences: [at('Cargo.lock', 3), at('Cargo.toml', 2, 'manifest')],
})
export const core = component('demo-core', '0.3.0', {
  source: { kind: 'path', path: 'crates/core', outside: false },
  purl: undefined,
  firstParty: true,
  direct: true,
  occurrences: [at('Cargo.lock', 9)],
})
export const serde = component('serde', '1.0.200', {
  direct: true,
  claims: [
    claim(artifact('a'), 'lock', 'Cargo.lock', 42),
    claim(artifact('a'), 'vendor', 'vendor/serde/.cargo-checksum.json', 1),
  ],
  occurrences: [
    at('Cargo.lock', 41),
    at('Cargo.toml', 12, 'manifest'),
    at('crates/core/Cargo.toml', 7, 'manifest'),
    at('vendor/serde/Cargo.toml', 1, 'vendor'),
  ],
  licenses: [license('declared', 'MIT/Apache-2.0', 'MIT OR Apache-2.0')],
  authors: ['Erick Tryzelaar <erick@example.org>', 'David Tolnay'],
  description: 'A generic\n  serialization framework',
  homepage: 'https://serde.example/',
  repository: 'https://code.example/serde-rs/serde',
})
export const derive = component('serde_derive', '1.0.200', {
  scopes: ['build'],
  claims: [claim(artifact('b'), 'lock', 'Cargo.lock', 50)],
  licenses: [license('declared', 'MIT', 'MIT'), license('concluded', 'MIT', 'MIT'), license('found', 'MIT', 'MIT')],
  properties: [{ name: 'assay:cargo:proc-macro', value: 'true' }],
  authors: ['Solo Author <solo@example.org>'],
})
export const zstd = component('zstd-sys', '2.0.9+zstd.1.5.5', {
  purl: 'pkg:cargo/zstd-sys@2.0.9%2Bzstd.1.5.5',
  scopes: ['runtime', 'build'],
  // Two statements that differ: neither is a hash of the component.
  claims: [
    claim(artifact('c'), 'lock', 'Cargo.lock', 60),
    claim(artifact('d'), 'vendor', 'vendor/zstd-sys/.cargo-checksum.json', 1),
  ],
  licenses: [
    license('declared', 'GPL-2.0-only WITH Classpath-exception-2.0', 'GPL-2.0-only WITH Classpath-exception-2.0'),
    license('concluded', 'BSD-3-Clause', 'BSD-3-Clause'),
    license('found', 'BSD-3-Clause', 'BSD-3-Clause'),
    license('found', 'MIT OR ISC', 'MIT OR ISC'),
  ],
})
export const proptest = component('proptest', '1.4.0', {
  scopes: ['dev', 'test'],
  licenses: [license('declared', 'MVT-1.1', 'MVT-1.1')],
})
export const windows = component('windows-sys', '0.52.0', {
  scopes: ['inactive'],
  claims: [claim(artifact('e'), 'lock', 'Cargo.lock', 70)],
})
export const FORK = {
  kind: 'git',
  url: 'https://builder:s3cret@code.example/fork/tokio.git?token=abc',
  ref: { kind: 'branch', value: 'fixes' },
  commit: hex('1', 'sha1'),
  subdirectory: 'tokio',
} as const
export const tokio = component('tokio', '1.37.0', {
  source: FORK,
  purl: `pkg:cargo/tokio@1.37.0?vcs_url=git%2Bhttps:%2F%2Fcode.example%2Ffork%2Ftokio.git%40${hex('1', 'sha1')}`,
  claims: [claim({ of: 'git-object', algorithm: 'sha1', value: hex('1', 'sha1') }, 'lock', 'Cargo.lock', 80)],
  licenses: [license('declared', 'SEE LICENSE IN LICENSE.txt')],
  edges: { state: 'incomplete', why: '1 dependency of the lock entry names no package of the lock' },
})
export const oldTokio = component('tokio', '1.36.0', { claims: [claim(artifact('2'), 'lock', 'Cargo.lock', 90)] })
const MIRROR = { kind: 'registry', protocol: 'cargo-sparse', url: 'sparse+https://crates.corp.example/index/' } as const
export const twin = component('twin', '1.0.0', {
  licenses: [license('declared', 'MIT OR LicenseRef-Acme', 'MIT OR LicenseRef-Acme')],
})
/** The same name, version and purl from another source: two components all the same. */
export const otherTwin = component('twin', '1.0.0', {
  source: MIRROR,
  claims: [claim(artifact('3', 'sha1'), 'lock', 'Cargo.lock', 99)],
})

const PROXY = { kind: 'registry', protocol: 'go-proxy', url: 'https://proxy.golang.org' } as const
const golang = (name: string, version: string | undefined, rest: Partial<Component>): Component => ({
  ...component(name, version, { ecosystem: 'go', source: PROXY, projects: [GO], purl: `pkg:golang/${name}@${version}`, ...rest }),
})
export const service = golang('corp.example/service', undefined, {
  source: { kind: 'path', path: 'service', outside: false },
  purl: undefined,
  version: undefined,
  firstParty: true,
  direct: true,
  type: 'application',
  occurrences: [at('service/go.mod', 1, 'manifest')],
})
export const text = golang('golang.org/x/text', 'v0.14.0', {
  direct: true,
  claims: [
    claim({ of: 'tree', scheme: 'go-h1', value: 'h1:ScX5w1eTa3QqT8oi6+ziP7dTV1S2+ALU0bI+0zXKWiQ=' }, 'lock', 'service/go.sum', 7),
    claim(
      { of: 'tree', scheme: 'go-mod-h1', value: 'h1:18ZOQIKpY8NJVqYksKHtTdi31H5itFRjB5/qKTNYzSU=' },
      'lock',
      'service/go.sum',
      8,
    ),
    claim(artifact('4'), 'cache', 'golang.org/x/text/@v/v0.14.0.zip', 1),
  ],
  occurrences: [at('service/go.sum', 7), at('service/go.mod', 5, 'manifest')],
  licenses: [license('concluded', 'BSD-3-Clause', 'BSD-3-Clause')],
})
export const lint = golang('honnef.co/go/tools', 'v0.4.7', {
  scopes: ['tool'],
  edges: { state: 'incomplete', why: 'its go.mod was not at hand' },
})
export const local = golang('corp.example/local', 'v0.0.0', {
  source: { kind: 'path', path: '../local', outside: true },
  purl: undefined,
  occurrences: [at('service/go.mod', 12, 'manifest')],
})
export const compiler = golang('go', '1.22.3', {
  source: { kind: 'toolchain' },
  purl: 'pkg:generic/go@1.22.3',
  type: 'toolchain',
  scopes: ['build'],
})

const zigPackage = (name: string, version: string | undefined, rest: Partial<Component>): Component =>
  component(name, version, {
    ecosystem: 'zig',
    projects: [ZIG],
    purl: undefined,
    edges: { state: 'unknown', why: 'its manifest is not at hand' },
    ...rest,
  })
export const native = zigPackage('native', '0.1.0', {
  source: { kind: 'path', path: 'native', outside: false },
  firstParty: true,
  direct: true,
  edges: { state: 'complete' },
  occurrences: [at('native/build.zig.zon', 2, 'manifest')],
})
export const zlib = zigPackage('zlib', '1.3.1', {
  source: { kind: 'archive', url: 'https://dl.example/zlib-1.3.1.tar.gz' },
  purl: 'pkg:generic/zlib@1.3.1?download_url=https:%2F%2Fdl.example%2Fzlib-1.3.1.tar.gz',
  claims: [
    claim(
      { of: 'tree', scheme: 'zig', value: 'zlib-1.3.1-ZZQ7lbYMAAB1hTSOKSXAKAgHsfDcyWNH_37ojw5WSpgR' },
      'manifest',
      'native/build.zig.zon',
      9,
    ),
    claim(artifact('5'), 'cache', 'p/zlib.tar.gz', 1),
    claim(artifact('5', 'sha512'), 'cache', 'p/zlib.tar.gz', 1),
  ],
  licenses: [license('declared', 'Permission is granted.\r\n\r\n\tNo warranty.\u0007')],
})
export const legacy = zigPackage('legacy', undefined, {
  version: undefined,
  source: { kind: 'archive', url: 'https://dl.example/get?id=7&key=s3cret' },
  claims: [claim({ of: 'tree', scheme: 'zig-legacy', value: `1220${hex('6')}` }, 'manifest', 'native/build.zig.zon', 15)],
})

const nimPackage = (name: string, version: string, rest: Partial<Component>): Component =>
  component(name, version, { ecosystem: 'nimble', projects: [NIM], purl: undefined, scopes: ['unknown'], ...rest })
export const nimgen = nimPackage('nimgen', '0.5.0', {
  source: { kind: 'git', url: 'git@code.example:nim/nimgen.git', commit: hex('7', 'sha256') },
  claims: [
    claim({ of: 'tree', scheme: 'nimble-sha1', value: hex('7', 'sha1') }, 'lock', 'tools/nimble.lock', 8),
    claim({ of: 'tree', scheme: 'assay-files', value: hex('8') }, 'cache', 'pkgs2/nimgen', 1),
  ],
})
export const mercurial = nimPackage('mercurial', '1.0.0', {
  source: { kind: 'vcs', system: 'hg', url: 'https://hg.example/pkg', revision: 'abc123' },
})
export const fossil = nimPackage('fossil', '1.0.0', {
  source: { kind: 'vcs', system: 'fossil', url: 'https://fossil.example/pkg' },
})
export const lost = nimPackage('lost', '1.0.0', {
  source: { kind: 'unknown', why: 'the package list does not name it' },
  claims: [
    artifact('9', 'md5'),
    artifact('9', 'sha1'),
    artifact('9', 'sha256'),
    artifact('9', 'sha384'),
    artifact('9', 'sha512'),
  ].map((digest) => claim(digest, 'lock', 'tools/nimble.lock', 20)),
  licenses: [license('declared', 'NOASSERTION'), license('found', 'MIT', 'MIT')],
})

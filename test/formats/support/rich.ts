import type { Component } from '../../../src/model/component.js'
import type { DocumentInput } from '../../../src/model/document.js'
import type { Evidence } from '../../../src/model/evidence.js'
import type { Finding, Verdict } from '../../../src/model/finding.js'
import type { Edge, Graph, Replacement } from '../../../src/model/graph.js'
import { GraphView } from '../../../src/model/graph-view.js'
import type { ReportInput } from '../../../src/model/report.js'
import { CRATES_IO, component, edge } from '../../support/graphs.js'
import {
  app,
  artifact,
  CARGO,
  claim,
  compiler,
  core,
  derive,
  FORK,
  fossil,
  GO,
  hex,
  legacy,
  license,
  lint,
  local,
  lost,
  mercurial,
  NIM,
  native,
  nimgen,
  oldTokio,
  otherTwin,
  proptest,
  serde,
  service,
  text,
  tokio,
  twin,
  windows,
  ZIG,
  zlib,
  zstd,
} from './rich-components.js'

const H1 = 'h1:ScX5w1eTa3QqT8oi6+ziP7dTV1S2+ALU0bI+0zXKWiQ='
const ZIG_HASH = 'zlib-1.3.1-ZZQ7lbYMAAB1hTSOKSXAKAgHsfDcyWNH_37ojw5WSpgR'

const goEdge = (from: Component, to: Component, rest: Partial<Edge> = {}): Edge => edge(from, to, { projects: [GO], ...rest })

export const REPLACEMENTS: readonly Replacement[] = [
  {
    kind: 'patch',
    ecosystem: 'cargo',
    project: CARGO,
    original: { name: 'tokio', version: '1.36.0', source: CRATES_IO, component: oldTokio.id },
    replacement: { name: 'tokio', version: '1.37.0', source: FORK, component: tokio.id },
    active: true,
    disables: ['registry checksum'],
    location: { file: 'Cargo.toml', line: 30, column: 1 },
  },
  {
    kind: 'replace',
    ecosystem: 'go',
    project: GO,
    original: { name: 'example.org/upstream', version: 'v1.1.0' },
    replacement: { name: 'corp.example/local', source: { kind: 'path', path: '../local', outside: true }, component: local.id },
    active: true,
    disables: ['checksum database'],
    location: { file: 'service/go.mod', line: 12, column: 1 },
  },
  {
    kind: 'source-replacement',
    ecosystem: 'cargo',
    project: CARGO,
    original: { source: CRATES_IO },
    replacement: { source: { kind: 'registry', protocol: 'cargo-sparse', url: 'https://user:pw@crates.corp.example/index/' } },
    active: true,
    disables: [],
    location: { file: '.cargo/config.toml', line: 4, column: 1 },
  },
  {
    kind: 'paths',
    ecosystem: 'cargo',
    project: CARGO,
    original: { name: 'tokio', version: '1.35.0' },
    replacement: { name: 'tokio', version: '1.37.0', component: tokio.id },
    active: true,
    disables: [],
    location: { file: '.cargo/config.toml', line: 9, column: 1 },
  },
  {
    kind: 'mirror',
    ecosystem: 'go',
    project: GO,
    original: {},
    replacement: { source: { kind: 'registry', protocol: 'go-proxy', url: 'https://goproxy.corp.example' } },
    active: true,
    disables: [],
    location: { file: 'service/go.env', line: 1, column: 1 },
  },
  {
    kind: 'exclude',
    ecosystem: 'go',
    project: GO,
    original: { name: 'example.org/bad', version: 'v1.0.0' },
    active: false,
    disables: [],
    location: { file: 'service/go.mod', line: 15, column: 1 },
  },
]

/** Every kind of source, digest, scope, edge, licence, replacement and gap that the model knows, over four ecosystems. */
export const RICH: Graph = {
  projects: [
    {
      id: CARGO,
      ecosystem: 'cargo',
      name: 'demo-app',
      folder: '.',
      manifests: ['Cargo.toml', 'crates/core/Cargo.toml'],
      lockfiles: ['Cargo.lock'],
      roots: [app.id, core.id],
    },
    {
      id: GO,
      ecosystem: 'go',
      name: 'corp.example/service',
      folder: 'service',
      manifests: ['service/go.mod'],
      lockfiles: ['service/go.sum'],
      roots: [service.id],
    },
    { id: NIM, ecosystem: 'nimble', name: 'tools', folder: 'tools', manifests: [], lockfiles: ['tools/nimble.lock'], roots: [] },
    {
      id: ZIG,
      ecosystem: 'zig',
      name: 'native',
      folder: 'native',
      manifests: ['native/build.zig.zon'],
      lockfiles: [],
      roots: [native.id],
    },
  ],
  components: [
    app,
    core,
    serde,
    derive,
    zstd,
    proptest,
    windows,
    tokio,
    oldTokio,
    twin,
    otherTwin,
    service,
    text,
    lint,
    local,
    compiler,
    native,
    zlib,
    legacy,
    nimgen,
    mercurial,
    fossil,
    lost,
  ],
  edges: [
    edge(app, core),
    edge(app, serde, { requirement: '^1.0', location: { file: 'Cargo.toml', line: 12, column: 1 } }),
    edge(app, proptest, { kinds: ['dev', 'test'] }),
    edge(app, windows, { target: 'cfg(windows)' }),
    edge(app, zstd, { kinds: ['build', 'runtime'], optional: true, target: 'cfg(unix)' }),
    edge(core, serde),
    edge(core, tokio, { kinds: ['unknown'] }),
    edge(core, oldTokio),
    edge(core, twin),
    edge(core, otherTwin),
    edge(serde, derive, { kinds: ['build'], optional: true }),
    goEdge(service, text),
    goEdge(service, lint, { kinds: ['tool'] }),
    goEdge(service, local),
    goEdge(service, compiler, { kinds: ['build'] }),
    edge(native, zlib, { projects: [ZIG] }),
    edge(native, legacy, { projects: [ZIG] }),
    edge(nimgen, lost, { projects: [NIM], kinds: ['unknown'] }),
  ],
  replacements: REPLACEMENTS,
  facts: [
    {
      kind: 'cargo/config-key',
      project: CARGO,
      location: { file: '.cargo/config.toml', line: 4, column: 1 },
      data: { key: 'source.crates-io', values: ['replace-with'], count: 1, hooks: false },
    },
    { kind: 'source/credential', component: tokio.id, data: { where: 'the URL of the source' } },
  ],
  diagnostics: [
    {
      code: 'input/lock-unparseable',
      severity: 'error',
      message: 'the entry ends early',
      help: 'Make the lockfile anew.',
      location: { file: 'broken/Cargo.lock', line: 7, column: 3 },
    },
    {
      code: 'input/manifest-unparseable',
      severity: 'warning',
      message: 'an unknown key',
      help: 'Remove the key.',
      location: { file: 'native/build.zig.zon', line: 3, column: 5, endLine: 3, endColumn: 9 },
    },
    {
      code: 'input/note',
      severity: 'note',
      message: 'worth telling',
      help: 'Nothing to do.',
      location: { file: 'Cargo.lock', line: 1, column: 1 },
    },
  ],
  files: [
    { path: 'Cargo.lock', ecosystem: 'cargo', format: 'cargo-lock', state: 'read' },
    { path: 'broken/Cargo.lock', ecosystem: 'cargo', format: 'cargo-lock', state: 'unreadable', why: 'the entry ends early' },
    { path: 'native/build.zig.zon', ecosystem: 'zig', format: 'zig-zon', state: 'partial', why: 'an unknown key' },
    { path: 'service/go.mod', ecosystem: 'go', format: 'go-mod', state: 'read' },
    { path: 'service/go.sum', ecosystem: 'go', format: 'go-sum', state: 'read' },
    { path: 'tools/nimble.lock', ecosystem: 'nimble', format: 'nimble-lock', state: 'read' },
    { path: 'vendor/other/Cargo.lock', ecosystem: 'cargo', format: 'cargo-lock', state: 'skipped', why: 'vendored' },
  ],
}

const INDEX = { kind: 'registry', name: 'https://index.crates.io/' } as const
const LOG = { kind: 'log', name: 'sum.golang.org' } as const
const answered = (digit: string, hour: number) => ({ stored: hex(digit), at: `2026-01-01T0${hour}:00:00Z` })

/** Every verdict, every kind of authority, values of every kind of digest, one thing seen by two, one contested. */
export const EVIDENCE: readonly Evidence[] = [
  {
    subject: serde.id,
    check: 'cargo/index-checksum',
    verdict: 'match',
    authority: INDEX,
    expected: hex('a'),
    observed: hex('a'),
    ...answered('1', 1),
  },
  {
    subject: serde.id,
    check: 'cargo/crate-bytes',
    verdict: 'match',
    authority: { kind: 'artifact', name: 'https://crates.example/serde.crate' },
    expected: hex('a'),
    observed: hex('a'),
    ...answered('a', 2),
  },
  {
    subject: text.id,
    check: 'go/sumdb',
    verdict: 'match',
    authority: LOG,
    expected: H1,
    observed: H1,
    why: 'record 21',
    ...answered('2', 3),
  },
  {
    subject: text.id,
    check: 'go/zip-bytes',
    verdict: 'match',
    authority: { kind: 'artifact', name: 'https://proxy.example/text.zip' },
    expected: H1,
    observed: H1,
  },
  {
    subject: derive.id,
    check: 'cargo/index-checksum',
    verdict: 'mismatch',
    authority: INDEX,
    expected: hex('b'),
    observed: hex('c'),
    ...answered('3', 4),
  },
  {
    subject: derive.id,
    check: 'cargo/crate-bytes',
    verdict: 'match',
    authority: { kind: 'artifact', name: 'https://crates.example/serde_derive.crate' },
    expected: hex('b'),
    observed: hex('b'),
  },
  { subject: zstd.id, check: 'cargo/index-checksum', verdict: 'absent', authority: INDEX, why: 'status 404' },
  { subject: lint.id, check: 'go/sumdb', verdict: 'unavailable', authority: LOG, why: 'no answer' },
  { subject: tokio.id, check: 'cargo/index-checksum', verdict: 'not-checkable', why: 'a git source' },
  {
    subject: tokio.id,
    check: 'cargo/git-commit',
    verdict: 'match',
    authority: { kind: 'git', name: 'https://git.example/tokio' },
    expected: hex('1', 'sha1'),
    observed: hex('1', 'sha1'),
  },
  {
    subject: zlib.id,
    check: 'zig/package-hash',
    verdict: 'match',
    authority: { kind: 'artifact', name: 'https://dl.example/zlib-1.3.1.tar.gz' },
    expected: ZIG_HASH,
    observed: ZIG_HASH,
  },
  {
    subject: zlib.id,
    check: 'zig/archive-bytes',
    verdict: 'match',
    authority: { kind: 'artifact', name: 'https://dl.example/zlib-1.3.1.tar.gz' },
    expected: hex('5'),
    observed: hex('5'),
  },
  {
    subject: nimgen.id,
    check: 'nimble/checksum',
    verdict: 'match',
    authority: { kind: 'git', name: 'https://code.example/nim/nimgen' },
    expected: hex('7', 'sha1'),
    observed: hex('7', 'sha1'),
  },
  {
    subject: nimgen.id,
    check: 'nimble/files',
    verdict: 'match',
    authority: { kind: 'git', name: 'https://code.example/nim/nimgen' },
    observed: hex('8'),
  },
  { subject: lost.id, check: 'nimble/list', verdict: 'absent', authority: { kind: 'registry', name: 'the package list' } },
]

function finding(rule: string, rest: Partial<Finding>): Finding {
  return {
    rule,
    severity: 'warn',
    subject: rest.component ?? 'the whole',
    message: `${rule} does not hold`,
    fix: 'mend it',
    why: 'Because it matters.',
    state: 'fail',
    path: [],
    fingerprint: hex('0'),
    status: 'open',
    ...rest,
  }
}

export const FINDINGS: readonly Finding[] = [
  finding('source/git-requirement', {
    severity: 'error',
    component: tokio.id,
    location: { file: 'Cargo.lock', line: 80, column: 1, endLine: 80, endColumn: 9 },
    path: [core.id, tokio.id],
    fingerprint: hex('a'),
    evidence: EVIDENCE.filter((one) => one.subject === tokio.id),
  }),
  finding('integrity/checksum-missing', { component: nimgen.id, state: 'unverified', fingerprint: hex('b') }),
  finding('integrity/checksum-missing', { component: nimgen.id, message: 'another of one fingerprint', fingerprint: hex('b') }),
  finding('input/lock-stale', {
    severity: 'note',
    location: { file: 'Cargo.toml', line: 12, column: 1 },
    fingerprint: hex('c'),
    status: 'waived',
    waiver: 'stale-lock',
  }),
  finding('policy/waiver-expired', {
    severity: 'error',
    data: { waiver: 'old', owner: 'team@example.org', expires: '2025-12-31' },
    fingerprint: hex('d'),
  }),
  finding('graph/unused-override', { component: windows.id, status: 'inherited', fingerprint: hex('e') }),
]

export const VERDICT: Verdict = {
  findings: FINDINGS,
  rules: new Map([
    ['source/git-requirement', { checked: 3, fail: 1, unverified: 0, waived: 0, inherited: 0 }],
    ['integrity/checksum-missing', { checked: 20, fail: 1, unverified: 1, waived: 0, inherited: 0 }],
    ['source/url', { checked: 0, fail: 0, unverified: 0, waived: 0, inherited: 0 }],
  ]),
  outcome: 'violations',
  exitCode: 1,
}

const RULES = [
  { id: 'source/git-requirement', title: 'Git sources are pinned', why: 'A branch moves.', severity: 'error', hard: false },
  {
    id: 'integrity/checksum-missing',
    title: 'Every component has a digest',
    why: 'Without one any bytes fit.',
    severity: 'warn',
    hard: true,
  },
  { id: 'source/url', title: 'URLs are safe', why: 'Plain HTTP can be changed.', severity: 'off', hard: false },
] as const

const TIMESTAMP = '2026-01-02T03:04:05Z'
const TOOL = { name: 'assay', version: '0.1.0' }

/** The rich graph as an SBOM is asked for it, with everything a configuration can say. */
export const RICH_INPUT: DocumentInput = {
  graph: new GraphView(RICH),
  evidence: EVIDENCE,
  verdict: VERDICT,
  rules: RULES,
  info: {
    subject: { name: 'demo', version: '1.2.0', purl: `pkg:github/Example/demo@${hex('f', 'sha1')}` },
    authors: [
      { name: 'SBOM desk', email: 'sbom@example.org' },
      { name: 'Jane Doe', url: 'https://jane.example/' },
    ],
    manufacturer: { name: 'Example GmbH', url: 'https://example.org/', email: 'office@example.org' },
    supplier: { name: 'Example Sales GmbH', url: 'https://sales.example.org/' },
  },
  tool: TOOL,
  timestamp: TIMESTAMP,
  includeInactive: false,
}

/** The same judged graph as a report is asked for it. */
export const RICH_REPORT: ReportInput = {
  graph: RICH_INPUT.graph,
  evidence: EVIDENCE,
  verification: { asked: true, offline: false, onUnavailable: 'fail' },
  verdict: VERDICT,
  rules: RULES,
  tool: TOOL,
  timestamp: TIMESTAMP,
  profile: 'recommended',
}

const only = component('demo', '1.2.0', {
  source: { kind: 'path', path: '.', outside: false },
  purl: undefined,
  type: 'application',
  firstParty: true,
  direct: true,
  licenses: [license('declared', 'MIT', 'MIT')],
})
const leaf = component('leaf', '0.1.0', { claims: [claim(artifact('a'), 'lock', 'Cargo.lock', 12)] })

/** One root that is the product, one leaf, everything known, nothing configured, nothing judged. */
export const SMALL_INPUT: DocumentInput = {
  graph: new GraphView({
    projects: [
      {
        id: CARGO,
        ecosystem: 'cargo',
        name: 'demo',
        folder: '.',
        manifests: ['Cargo.toml'],
        lockfiles: ['Cargo.lock'],
        roots: [only.id],
      },
    ],
    components: [only, leaf],
    edges: [edge(only, leaf)],
    replacements: [],
    facts: [],
    diagnostics: [],
    files: [{ path: 'Cargo.lock', ecosystem: 'cargo', format: 'cargo-lock', state: 'read' }],
  }),
  evidence: [],
  rules: [],
  info: { subject: { name: 'demo', version: '1.2.0' }, authors: [] },
  tool: TOOL,
  timestamp: TIMESTAMP,
  includeInactive: false,
}

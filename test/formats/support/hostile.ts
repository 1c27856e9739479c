import fc from 'fast-check'
import type { Component, LicenseClaim } from '../../../src/model/component.js'
import { componentId } from '../../../src/model/component.js'
import type { DocumentInput } from '../../../src/model/document.js'
import type { Evidence } from '../../../src/model/evidence.js'
import type { Finding } from '../../../src/model/finding.js'
import type { Edge, Graph } from '../../../src/model/graph.js'
import { GraphView } from '../../../src/model/graph-view.js'
import { formatPurl } from '../../../src/model/purl.js'
import type { ReportInput } from '../../../src/model/report.js'
import type { Source } from '../../../src/model/source.js'
import { hex } from './rich-components.js'

/** What names, versions, paths and messages of strangers have been made of. */
const PIECES = [
  '\u0000',
  '\n',
  '\r\n',
  '\t',
  '\u001b[31m',
  '\u001b]8;;https://evil.example\u0007',
  '\u007f',
  '\u009b2J',
  '\u0085',
  '\u2028',
  '\u2029',
  '\u202e',
  '\u2066',
  '\u200b',
  '\ufeff',
  '\ud800',
  '\udc00',
  '\u{e0041}',
  '"',
  "'",
  '\\',
  '`',
  '<script>',
  ']]>',
  '-->',
  '</text>',
  '&amp;',
  '$(x)',
  '%0A',
  '::error::x',
  '##[error]x',
  '|',
  '@',
  '#',
  '?token=s3cret',
  '../',
  '//',
  'LicenseRef-',
  'NOASSERTION',
  'NONE',
  '__proto__',
  'constructor',
  'urn:cdx:',
  'SPDXRef-DOCUMENT',
  'tool:assay',
  ' ',
  '{}',
  '[',
  ',',
  'ö',
  '漢',
  '😀',
] as const

export const hostileText = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .array(fc.constantFrom<string>(...PIECES, 'a', 'B', '1', '.'), { minLength: 1, maxLength: 6 })
      .map((p) => p.join('')),
  },
  { weight: 2, arbitrary: fc.string({ minLength: 1, maxLength: 12, unit: 'binary' }) },
  {
    weight: 1,
    arbitrary: fc.string({ minLength: 1, maxLength: 12, unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) }),
  },
  { weight: 1, arbitrary: fc.constantFrom('x'.repeat(3_000), '\u001b'.repeat(500), ' '.repeat(2_000), '<'.repeat(2_000)) },
)

const hostileUrl = fc.oneof(
  hostileText,
  hostileText.map((text) => `https://user:pa55word@dl.example/${text}`),
  hostileText.map((text) => `https://dl.example/${text}?token=s3cret#${text}`),
  hostileText.map((text) => `git@dl.example:${text}`),
  hostileText.map((text) => `ssh://${text}`),
  hostileText.map((text) => `file:///${text}`),
  fc.constantFrom(
    'ssh://host',
    'git://host',
    'http:',
    'javascript:alert(1)',
    'data:text/html,<b>',
    'C:\\temp',
    '//host/path',
    'https://[::1]/a b',
  ),
)

const source: fc.Arbitrary<Source> = fc.oneof(
  hostileUrl.map((url): Source => ({ kind: 'registry', protocol: 'cargo-sparse', url })),
  fc.tuple(hostileUrl, hostileText, fc.boolean()).map(
    ([url, text, pinned]): Source => ({
      kind: 'git',
      url,
      ref: { kind: 'branch', value: text },
      subdirectory: text,
      ...(pinned ? { commit: hex('1', 'sha1') } : {}),
    }),
  ),
  fc
    .tuple(hostileUrl, hostileText, fc.constantFrom('hg', 'svn', 'fossil', 'bzr'))
    .map(([url, revision, system]): Source => ({ kind: 'vcs', system, url, revision })),
  hostileUrl.map((url): Source => ({ kind: 'archive', url })),
  fc.tuple(hostileText, fc.boolean()).map(([path, outside]): Source => ({ kind: 'path', path, outside })),
  fc.constant<Source>({ kind: 'toolchain' }),
  hostileText.map((why): Source => ({ kind: 'unknown', why })),
)

const license: fc.Arbitrary<LicenseClaim> = fc.record({
  raw: hostileText,
  kind: fc.constantFrom('declared', 'concluded', 'found'),
  expression: fc.option(
    fc.constantFrom('MIT', 'MIT OR ISC', 'LicenseRef-a', 'DocumentRef-b:LicenseRef-c AND MIT', 'MIT WITH AdditionRef-d'),
    { nil: undefined },
  ),
  location: fc.option(
    hostileText.map((file) => ({ file, line: 1, column: 1 })),
    { nil: undefined },
  ),
})

/** As the readers make it: the id by `componentId`, the purl by `formatPurl`; all else is a stranger's. */
const component: fc.Arbitrary<Component> = fc
  .record({
    name: hostileText,
    version: fc.option(hostileText, { nil: undefined }),
    source,
    texts: fc.array(hostileText, { minLength: 6, maxLength: 6 }),
    urls: fc.array(hostileUrl, { minLength: 2, maxLength: 2 }),
    authors: fc.array(
      fc.oneof(
        hostileText,
        hostileText.map((text) => `${text} <${text}@example.org>`),
        fc.constant('A <a@example.org>'),
      ),
      { maxLength: 3 },
    ),
    licenses: fc.array(license, { maxLength: 3 }),
    firstParty: fc.boolean(),
    scopes: fc.constantFrom<Component['scopes']>(['runtime'], ['build', 'dev'], ['tool'], ['unknown'], ['inactive']),
    edges: fc.oneof(
      fc.constant<Component['edges']>({ state: 'complete' }),
      hostileText.map((why): Component['edges'] => ({ state: 'incomplete', why })),
    ),
    purl: fc.boolean(),
    digests: fc.subarray<Component['claims'][number]['digest']>([
      { of: 'artifact', algorithm: 'sha256', value: hex('a') },
      { of: 'artifact', algorithm: 'md5', value: hex('b', 'md5') },
      { of: 'tree', scheme: 'go-h1', value: 'h1:\u001b[31m"' },
      { of: 'git-object', algorithm: 'sha1', value: hex('c', 'sha1') },
    ]),
  })
  .map(({ name, version, texts, urls, digests, purl, ...rest }) => {
    const [a = '', b = '', c = '', d = '', e = '', f = ''] = texts
    const location = { file: a, line: 1, column: 1 }
    return {
      ...rest,
      id: componentId('cargo', name, version, rest.source),
      ecosystem: 'cargo',
      name,
      version,
      purl: purl ? formatPurl({ type: 'cargo', name, version }) : undefined,
      type: 'library' as const,
      direct: true,
      claims: digests.map((digest) => ({ digest, statedBy: 'lock' as const, location })),
      occurrences: [
        { location, role: 'lock' as const },
        { location: { file: b, line: 7, column: 2 }, role: 'manifest' as const },
      ],
      projects: [c],
      properties: [{ name: 'assay:cargo:feature', value: d }],
      description: e,
      homepage: urls[0],
      repository: urls[1],
      authors: [f, ...rest.authors],
    }
  })

/** A whole judged graph of a stranger. */
export const hostileInput: fc.Arbitrary<{ readonly input: DocumentInput; readonly report: ReportInput }> = fc
  .record({
    components: fc.uniqueArray(component, { minLength: 1, maxLength: 5, selector: (one) => one.id }),
    texts: fc.array(hostileText, { minLength: 8, maxLength: 8 }),
    wires: fc.array(
      fc.tuple(fc.nat(4), fc.nat(4), fc.constantFrom<Edge['kinds']>(['runtime'], ['build', 'dev'], ['tool'], ['unknown'])),
      { maxLength: 8 },
    ),
  })
  .map(({ components, texts, wires }) => {
    const [a = '', b = '', c = '', d = '', e = '', f = '', g = '', h = ''] = texts
    const location = { file: a, line: 3, column: 4 }
    const pairs = new Map<string, Edge>()
    for (const [i, j, kinds] of wires) {
      const [from, to] = [components[i % components.length], components[j % components.length]]
      if (from !== undefined && to !== undefined)
        pairs.set(`${from.id}\n${to.id}`, {
          from: from.id,
          to: to.id,
          kinds,
          optional: true,
          target: b,
          requirement: c,
          location,
          projects: [d],
        })
    }
    const [first] = components
    const graph: Graph = {
      projects: [
        {
          id: d,
          ecosystem: 'cargo',
          name: e,
          folder: f,
          manifests: [g],
          lockfiles: [h],
          roots: components.filter((one) => one.firstParty).map((one) => one.id),
        },
      ],
      components,
      edges: [...pairs.values()],
      replacements: [
        {
          kind: 'patch',
          ecosystem: 'cargo',
          project: d,
          original: { name: a, version: b },
          replacement: { name: c, component: first?.id },
          active: true,
          disables: [d],
          location,
        },
        {
          kind: 'mirror',
          ecosystem: 'cargo',
          project: d,
          original: { name: e },
          replacement: { source: { kind: 'archive', url: f } },
          active: true,
          disables: [],
          location,
        },
      ],
      facts: [{ kind: 'cargo/config-key', component: first?.id, location, data: { key: g, list: [h] } }],
      diagnostics: [{ code: 'input/lock-unparseable', severity: 'error', message: a, help: b, location }],
      files: [
        { path: c, ecosystem: 'cargo', format: 'cargo-lock', state: 'read' },
        { path: d, state: 'unreadable', why: e },
        { path: f, state: 'skipped', why: g },
      ],
    }
    const evidence: readonly Evidence[] = components.flatMap((one) => [
      { subject: one.id, check: 'cargo/index-checksum', verdict: 'match', authority: { kind: 'registry', name: a }, observed: b },
      {
        subject: one.id,
        check: 'cargo/crate-bytes',
        verdict: 'mismatch',
        authority: { kind: 'artifact', name: c },
        expected: d,
        observed: e,
        why: f,
      },
      { subject: one.id, check: 'go/sumdb', verdict: 'unavailable', authority: { kind: 'log', name: g }, why: h },
    ])
    const finding: Finding = {
      rule: 'source/url',
      severity: 'error',
      subject: a,
      component: first?.id,
      location,
      message: b,
      fix: c,
      why: 'Because it matters.',
      state: 'fail',
      path: components.map((one) => one.id),
      fingerprint: hex('a'),
      status: 'waived',
      waiver: d,
      data: { url: e },
      evidence: evidence.slice(0, 2),
    }
    const verdict: ReportInput['verdict'] = {
      findings: [
        finding,
        { ...finding, status: 'open', component: undefined, location: undefined, fingerprint: hex('b') },
        { ...finding, status: 'open', rule: 'policy/waiver-expired', data: { waiver: e, owner: f }, fingerprint: hex('c') },
      ],
      rules: new Map([['source/url', { checked: 1, fail: 1, unverified: 0, waived: 0, inherited: 0 }]]),
      outcome: 'violations',
      exitCode: 1,
    }
    const view = new GraphView(graph)
    const shared = { rules: [], tool: { name: 'assay', version: '0.1.0' }, timestamp: '2026-01-02T03:04:05Z' }
    return {
      input: {
        ...shared,
        graph: view,
        verdict,
        evidence,
        // The name of the product comes from the tree where the configuration is silent.
        info: { subject: { name: g, version: h }, authors: [] },
        includeInactive: true,
      },
      report: {
        ...shared,
        graph: view,
        evidence,
        verification: { asked: true, offline: false, onUnavailable: 'fail' },
        verdict,
        profile: 'recommended',
      },
    }
  })

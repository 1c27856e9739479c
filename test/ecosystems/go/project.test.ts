import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Inventory } from '../../../src/model/graph.js'
import { propertyOf, readFiles } from './cases.js'

const H1 = 'h1:x+O9jMUqEZ8AtscT8ZQq+FyBOYlvdwr7MP6wXTzHGJk='

function edges(inventory: Inventory, project = 'go:go.mod'): string[] {
  const label = new Map(inventory.components.map((c) => [c.id, c.version === undefined ? c.name : `${c.name}@${c.version}`]))
  return inventory.edges
    .filter((edge) => edge.projects.includes(project) && !edge.to.startsWith('go:stdlib'))
    .map((edge) => `${label.get(edge.from)} -> ${label.get(edge.to)} (${edge.kinds.join(',')})`)
    .sort()
}

function component(inventory: Inventory, name: string) {
  const found = inventory.components.find((c) => c.name === name)
  if (found === undefined) throw new Error(`no ${name}`)
  return found
}

describe('edges', () => {
  const files = {
    'go.mod':
      'module example.com/m\n\ngo 1.22.0\n\nrequire (\n\texample.com/a v1.0.0\n\texample.com/b v1.0.0 // indirect\n\texample.com/held v1.0.0 // indirect\n)\n',
  }
  it('from go.mod alone: every requirement, and nothing is said of the rest', async () => {
    const inventory = await readFiles(files)
    expect(edges(inventory)).toEqual([
      'example.com/m -> example.com/a@v1.0.0 (runtime)',
      'example.com/m -> example.com/b@v1.0.0 (unknown)',
      'example.com/m -> example.com/held@v1.0.0 (unknown)',
    ])
    expect(component(inventory, 'example.com/m').edges).toEqual({ state: 'complete' })
    expect(component(inventory, 'example.com/a').edges).toEqual({ state: 'unknown', why: 'their go.mod files are not at hand' })
  })

  it('with documents: what is only held hangs below who needs it, or stays with the main module', async () => {
    const inventory = await readFiles(files, {
      'example.com/a@v1.0.0': 'module example.com/a\n\ngo 1.20\n\nrequire example.com/b v1.0.0\n',
      'example.com/b@v1.0.0': 'module example.com/b\n\ngo 1.20\n\nrequire example.com/beyond v1.0.0\n',
      'example.com/held@v1.0.0': 'module example.com/held\n',
    })
    expect(edges(inventory)).toEqual([
      'example.com/a@v1.0.0 -> example.com/b@v1.0.0 (runtime)',
      'example.com/b@v1.0.0 -> example.com/beyond@v1.0.0 (runtime)',
      'example.com/m -> example.com/a@v1.0.0 (runtime)',
      'example.com/m -> example.com/held@v1.0.0 (unknown)',
    ])
    expect(component(inventory, 'example.com/b').edges.state).toBe('complete')
    expect(component(inventory, 'example.com/beyond').edges).toEqual({
      state: 'unknown',
      why: 'the go command does not read their go.mod files (graph pruning)',
    })
  })

  it('a cycle that nothing leads into keeps one edge from the main module', async () => {
    const text =
      'module example.com/m\n\ngo 1.22.0\n\nrequire (\n\texample.com/x v1.0.0 // indirect\n\texample.com/y v1.0.0 // indirect\n)\n'
    const inventory = await readFiles(
      { 'go.mod': text },
      {
        'example.com/x@v1.0.0': 'module example.com/x\n\ngo 1.20\n\nrequire example.com/y v1.0.0\n',
        'example.com/y@v1.0.0': 'module example.com/y\n\ngo 1.20\n\nrequire example.com/x v1.0.0\n',
      },
    )
    expect(edges(inventory)).toContain('example.com/m -> example.com/x@v1.0.0 (unknown)')
    expect(edges(inventory)).toHaveLength(3)
  })

  it('a part of the documents: versions that they would decide about are not made up', async () => {
    const inventory = await readFiles(files, {
      'example.com/a@v1.0.0':
        'module example.com/a\n\ngo 1.20\n\nrequire example.com/b v1.0.0\nrequire example.com/open v1.0.0\n',
    })
    expect(inventory.components.map((c) => c.name)).not.toContain('example.com/open')
    expect(component(inventory, 'example.com/a').edges).toEqual({
      state: 'incomplete',
      why: 'the versions of what they need beyond the list of the main module depend on go.mod files that are not at hand',
    })
  })

  it('a document that go.sum contradicts is not used', async () => {
    const sum = `example.com/a v1.0.0 ${H1}\nexample.com/a v1.0.0/go.mod ${H1}\n`
    const inventory = await readFiles(
      { 'go.mod': 'module example.com/m\n\ngo 1.22.0\n\nrequire example.com/a v1.0.0\n', 'go.sum': sum },
      { 'example.com/a@v1.0.0': 'module example.com/a\n\nrequire example.com/evil v1.0.0\n' },
    )
    expect(inventory.components.map((c) => c.name)).not.toContain('example.com/evil')
    expect(component(inventory, 'example.com/a').edges).toMatchObject({ state: 'unknown' })
    expect(inventory.facts.map((fact) => fact.kind)).toContain('go/sum-mismatch')
  })
})

describe('replacements', () => {
  it('never chain: what replaces is not replaced', async () => {
    const inventory = await readFiles({
      'go.mod':
        'module example.com/m\n\ngo 1.22.0\n\nrequire example.com/a v1.0.0\n\nreplace example.com/a => example.com/b v1.0.0\nreplace example.com/b => example.com/c v1.0.0\n',
    })
    expect(inventory.components.map((c) => c.name).sort()).toEqual(['example.com/b', 'example.com/m', 'stdlib'])
    expect(inventory.replacements.map((r) => [r.original.name, r.replacement?.name, r.active])).toEqual([
      ['example.com/a', 'example.com/b', true],
      ['example.com/b', 'example.com/c', false],
    ])
  })

  it('with a version win over those without, in go.work over those in go.mod', async () => {
    const member = (target: string): string =>
      `module example.com/m\n\ngo 1.22.0\n\nrequire example.com/a v1.0.0\n\nreplace example.com/a v1.0.0 => example.com/${target} v1.0.0\n`
    const alone = await readFiles({ 'go.mod': `${member('x')}replace example.com/a => example.com/y v1.0.0\n` })
    expect(alone.components.map((c) => c.name)).toContain('example.com/x')
    const workspace = await readFiles({
      'go.work': 'go 1.22.0\n\nuse ./m\n\nreplace example.com/a => example.com/w v1.0.0\n',
      'm/go.mod': member('x'),
    })
    const inWorkspace = workspace.components.filter((c) => c.projects.includes('go:go.work'))
    expect(inWorkspace.map((c) => c.name).sort()).toEqual(['example.com/m', 'example.com/w', 'stdlib'])
    expect(workspace.components.filter((c) => c.projects.includes('go:m/go.mod')).map((c) => c.name)).toContain('example.com/x')
  })

  it('by a module of the tree is that module: one component, with both ends in the ledger', async () => {
    const inventory = await readFiles({
      'go.mod': 'module example.com/m\n\ngo 1.22.0\n\nrequire example.com/a v1.0.0\n\nreplace example.com/a => ./a\n',
      'a/go.mod': 'module example.com/a\n\ngo 1.22.0\n',
    })
    const ids = inventory.components.filter((c) => c.name === 'example.com/a').map((c) => c.id)
    expect(new Set(ids).size).toBe(1)
    expect(inventory.replacements).toMatchObject([
      {
        kind: 'replace',
        original: { name: 'example.com/a', version: undefined },
        replacement: {
          name: 'example.com/a',
          version: undefined,
          component: ids[0],
          source: { kind: 'path', path: 'a', outside: false },
        },
        active: true,
      },
    ])
    const [copy] = inventory.components.filter((c) => c.name === 'example.com/a' && c.projects.includes('go:go.mod'))
    expect(copy).toMatchObject({ purl: 'pkg:golang/example.com/a', version: undefined, claims: [] })
  })

  it('outside of the tree are said to be there', async () => {
    const inventory = await readFiles({
      'go.mod': 'module example.com/m\n\ngo 1.22.0\n\nrequire example.com/a v1.0.0\n\nreplace example.com/a => ../fork\n',
    })
    expect(component(inventory, 'example.com/a').source).toEqual({ kind: 'path', path: '../fork', outside: true })
    expect(inventory.facts.find((fact) => fact.kind === 'source/path-outside')?.data).toEqual({
      name: 'example.com/a',
      path: '../fork',
    })
  })
})

describe('scopes', () => {
  it('a tool is a tool, and a module without a hash contributes no code', async () => {
    const inventory = await readFiles({
      'go.mod':
        'module example.com/m\n\ngo 1.24.0\n\ntool example.com/tools/cmd/lint\ntool example.com/both/cmd\n\nrequire (\n\texample.com/both v1.0.0\n\texample.com/held v1.0.0 // indirect\n\texample.com/tools v1.0.0 // indirect\n)\n',
      'go.sum': `example.com/both v1.0.0 ${H1}\nexample.com/tools v1.0.0 ${H1}\n`,
    })
    const scopes = Object.fromEntries(inventory.components.map((c) => [c.name, c.scopes.join(',')]))
    expect(scopes).toEqual({
      'example.com/m': 'runtime',
      'example.com/both': 'runtime,tool',
      'example.com/held': 'inactive',
      'example.com/tools': 'tool',
      stdlib: 'runtime',
    })
    expect(propertyOf(component(inventory, 'example.com/tools'), 'tool')).toBe('example.com/tools/cmd/lint')
    expect(edges(inventory)).toContain('example.com/m -> example.com/tools@v1.0.0 (tool)')
  })

  it('what is vendored is code, and what is listed without packages is none', async () => {
    const inventory = await readFiles({
      'go.mod': 'module example.com/m\n\ngo 1.22.0\n\nrequire (\n\texample.com/a v1.0.0\n\texample.com/b v1.0.0\n)\n',
      'go.sum': `example.com/a v1.0.0 ${H1}\nexample.com/b v1.0.0 ${H1}\n`,
      'vendor/modules.txt':
        '# example.com/a v1.0.0\n## explicit; go 1.20\nexample.com/a\n# example.com/b v1.0.0\n## explicit; go 1.20\n',
      'vendor/example.com/a/a.go': 'package a\n',
    })
    expect(component(inventory, 'example.com/a').scopes).toEqual(['runtime'])
    expect(component(inventory, 'example.com/b').scopes).toEqual(['inactive'])
    expect(inventory.replacements).toMatchObject([{ kind: 'vendor', active: true }])
  })
})

describe('vendor folders', () => {
  const files = {
    'go.mod': 'module example.com/m\n\ngo 1.22.0\n\nrequire example.com/a v1.0.0\n\nreplace example.com/a => ./a\n',
    'a/go.mod': 'module example.com/a\n\ngo 1.20\n',
    'a/a.go': 'package a\n',
    'vendor/modules.txt':
      '# example.com/a v1.0.0 => ./a\n## explicit; go 1.20\nexample.com/a\nexample.com/a/gone\n# example.com/a => ./a\n',
    'vendor/example.com/a/a.go': 'package a // edited\n',
    'vendor/example.com/a/new.go': 'package a\n',
    'vendor/example.com/stray/stray.go': 'package stray\n',
  }
  it('modified, added, missing and stray files are told', async () => {
    const inventory = await readFiles(files)
    const drift = inventory.facts
      .filter((fact) => fact.kind === 'integrity/vendor-drift')
      .map(({ data }) => `${data['path']}: ${data['why']}`)
    expect(drift.sort()).toEqual([
      'vendor/example.com/a/a.go: its content differs from example.com/a@v1.0.0',
      'vendor/example.com/a/gone: modules.txt lists the package and its folder is not there',
      'vendor/example.com/a/new.go: example.com/a@v1.0.0 has no such file',
      'vendor/example.com/stray: modules.txt does not list the package',
    ])
  })
  it('GOFLAGS decides whether they are looked at', async () => {
    const inventory = await readFiles(files, undefined, new Map([['GOFLAGS', '-mod=mod']]))
    expect(inventory.facts.filter((fact) => fact.kind.includes('vendor')).map(({ kind, data }) => [kind, data['why']])).toEqual([
      ['go/vendor-unused', 'GOFLAGS says -mod=mod'],
    ])
  })
})

describe('files that say nothing good', () => {
  it('without a module line, with a merge conflict, malformed, too large, not UTF-8', async () => {
    const inventory = await readFiles({
      'a/go.mod': 'go 1.22\n',
      'b/go.mod': 'module example.com/b\n<<<<<<< HEAD\nrequire example.com/a v1.0.0\n=======\n>>>>>>> other\n',
      'c/go.mod': 'module example.com/c\nrequire example.com/a v2.0.0\n',
      'd/go.sum': 'one two\n',
    })
    expect(inventory.diagnostics.map((d) => `${d.code} ${d.location.file}:${d.location.line}`)).toEqual([
      'input/manifest-unparseable a/go.mod:1',
      'input/lock-merge-conflict b/go.mod:2',
      'input/manifest-unparseable c/go.mod:2',
      'input/lock-unparseable d/go.sum:1',
    ])
    expect(inventory.files.map((f) => `${f.path} ${f.state}`)).toEqual([
      'a/go.mod partial',
      'b/go.mod partial',
      'c/go.mod partial',
      'd/go.sum partial',
    ])
  })
  it('dependencies without go.sum are counted', async () => {
    const inventory = await readFiles({ 'go.mod': 'module example.com/m\n\ngo 1.22.0\n\nrequire example.com/a v1.0.0\n' })
    expect(inventory.facts.find((fact) => fact.kind === 'input/dependencies-without-lock')?.data).toEqual({
      manifest: 'go.mod',
      count: 1,
    })
  })
  it('another file in place of go.mod is said to be unread', async () => {
    const inventory = await readFiles(
      { 'go.mod': 'module example.com/m\n\ngo 1.22.0\n' },
      undefined,
      new Map([['GOFLAGS', '-modfile=x.mod']]),
    )
    expect(inventory.files).toMatchObject([{ path: 'go.mod', state: 'skipped', why: expect.stringContaining('x.mod') }])
  })
  it('a go.sum alone is read and said to be no list', async () => {
    const inventory = await readFiles({ 'go.sum': `example.com/a v1.0.0 ${H1}\n` })
    expect(inventory.components).toEqual([])
    expect(inventory.files).toMatchObject([{ path: 'go.sum', state: 'skipped' }])
  })
  it('a credential in GOPROXY goes nowhere', async () => {
    const inventory = await readFiles({
      'go.mod': 'module example.com/m\n\ngo 1.22.0\n',
      Makefile: 'export GOPROXY=https://user:hunter2@proxy.example/go,direct\n',
    })
    expect(JSON.stringify(inventory)).not.toContain('hunter2')
    expect(inventory.facts.map((fact) => fact.kind)).toContain('source/credential')
    expect(inventory.replacements).toMatchObject([
      { kind: 'mirror', replacement: { source: { url: 'https://proxy.example/go' } } },
    ])
  })
})

describe('whatever the files hold', () => {
  const word = fc.constantFrom(
    'module example.com/m\n',
    'go 1.16\n',
    'go 1.22.0\n',
    'require example.com/a v1.0.0\n',
    'require example.com/a v1.1.0 // indirect\n',
    'require (\n',
    ')\n',
    'replace example.com/a => ./a\n',
    'replace example.com/a => ../../a\n',
    'replace example.com/a v1.0.0 => example.com/b v1.0.0\n',
    'exclude example.com/a v1.0.0\n',
    'use ./a\n',
    'use .\n',
    'use ..\n',
    'tool example.com/a/cmd\n',
    '# example.com/a v1.0.0\n',
    '## explicit\n',
    'example.com/a\n',
    `example.com/a v1.0.0 ${H1}\n`,
    'example.com/a v1.0.0/go.mod h1:x\n',
    '\u0000',
    '<<<<<<< HEAD\n',
    '"',
    '\ufeff',
    'require example.com/a master\n',
  )
  const text = fc.array(word, { maxLength: 8 }).map((words) => words.join(''))
  const path = fc.constantFrom(
    'go.mod',
    'go.sum',
    'go.work',
    'go.work.sum',
    'vendor/modules.txt',
    'a/go.mod',
    'a/go.sum',
    'vendor/example.com/a/a.go',
  )

  it('nothing throws, every component has a place, every edge two ends, and reading again gives the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(path, text), { maxLength: 8 }), async (entries) => {
        const files = Object.fromEntries(entries)
        const inventory = await readFiles(files, {
          'example.com/b@v1.0.0': 'module example.com/b\nrequire example.com/a v1.2.0\n',
        })
        const ids = new Set(inventory.components.map((c) => c.id))
        for (const component of inventory.components) expect(component.occurrences.length).toBeGreaterThan(0)
        for (const { from, to } of inventory.edges) expect([ids.has(from), ids.has(to)]).toEqual([true, true])
        expect(
          await readFiles(files, { 'example.com/b@v1.0.0': 'module example.com/b\nrequire example.com/a v1.2.0\n' }),
        ).toEqual(inventory)
        const claimed = Object.keys(files).filter((file) => !file.endsWith('.go'))
        expect(inventory.files.map((file) => file.path).sort()).toEqual(claimed.sort())
      }),
      { numRuns: 150 },
    )
  })
})

describe('workspaces', () => {
  const files = {
    'go.work': 'go 1.22.0\n\nuse (\n\t./app\n\t./lib\n)\n',
    'app/go.mod': 'module example.com/app\n\ngo 1.22.0\n\nrequire example.com/lib v1.0.0\n',
    'lib/go.mod': 'module example.com/lib\n\ngo 1.21\n',
  }
  it('a requirement on a member is met by the member', async () => {
    const inventory = await readFiles(files)
    expect(edges(inventory, 'go:go.work')).toEqual(['example.com/app -> example.com/lib (runtime)'])
    expect(edges(inventory, 'go:app/go.mod')).toEqual(['example.com/app -> example.com/lib@v1.0.0 (runtime)'])
    expect(inventory.replacements).toMatchObject([
      { kind: 'workspace', original: { name: 'example.com/lib', version: 'v1.0.0' }, project: 'go:go.work' },
    ])
  })
  it('GOWORK=off leaves the members alone', async () => {
    const inventory = await readFiles(files, undefined, new Map([['GOWORK', 'off']]))
    expect(inventory.projects.map((project) => project.id)).toEqual(['go:app/go.mod', 'go:lib/go.mod'])
  })
})

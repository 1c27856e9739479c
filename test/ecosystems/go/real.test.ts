import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { FolderTree } from '../../../src/evidence/folder-tree.js'
import { sharedPath } from '../../support/shared.js'
import { askedFor, readTree } from './cases.js'

const REPOS = ['hashicorp+terraform', 'prometheus+prometheus']

describe('real repositories', () => {
  for (const repo of REPOS) {
    const path = sharedPath('corpus', 'repos', repo)
    it.skipIf(!existsSync(path))(`${repo}: every requirement of every go.mod, with its hash, and no error`, async () => {
      const inventory = await readTree(new FolderTree(path))
      expect(inventory.diagnostics).toEqual([])
      const modules = inventory.projects.filter((project) => project.id.endsWith('go.mod'))
      expect(modules.length).toBeGreaterThan(4)
      for (const project of modules) {
        const whole = readFileSync(join(path, project.id.slice('go:'.length)), 'utf8')
        const text = whole.replaceAll(/^exclude \([^)]*\)/gm, '').replaceAll(/^exclude .*$/gm, '')
        const wanted = [...text.matchAll(/^\s*(?:require )?([\w.-]+\.[\w./~-]+) (v\d\S*)(?: \/\/ indirect)?$/gm)].map(
          (m) => `${m[1]}@${m[2]}`,
        )
        const found = inventory.components.filter(
          (c) => c.projects.includes(project.id) && c.type !== 'toolchain' && !c.firstParty,
        )
        expect(found.map(askedFor).sort()).toEqual(wanted.sort())
        for (const component of found.filter((c) => c.source.kind === 'registry' && c.direct))
          expect(component.claims.map((claim) => claim.digest.of === 'tree' && claim.digest.scheme)).toContain('go-h1')
      }
    })
  }
})

/** What `go` says, offline and with nothing outside of a folder of its own. */
function goCommand(): ((folder: string, cache: string, ...args: string[]) => string) | undefined {
  try {
    execFileSync('go', ['version'], { stdio: 'pipe' })
  } catch {
    return undefined
  }
  return (folder, cache, ...args) =>
    execFileSync('go', args, {
      cwd: folder,
      stdio: 'pipe',
      encoding: 'utf8',
      env: {
        ...process.env,
        HOME: cache,
        // Beside a go.work nothing but the default is allowed.
        GOFLAGS: existsSync(join(folder, 'go.work')) ? '' : '-mod=mod',
        GOPROXY: 'off',
        GOSUMDB: 'off',
        GONOSUMDB: '*',
        GOENV: 'off',
        GOWORK: existsSync(join(folder, 'go.work')) ? join(folder, 'go.work') : 'off',
        GOPATH: join(cache, 'gopath'),
        GOMODCACHE: cache,
        GOCACHE: join(cache, 'build'),
      },
    })
}

const go = goCommand()

/** Modules of a small universe, by `path@version`: all that a build list of one of them can need. */
type Universe = Readonly<Record<string, string>>

const SMALL: Readonly<Record<string, { readonly main: string; readonly universe: Universe }>> = {
  'pruned out': {
    main: 'go 1.18\n\nrequire example.com/a v1.0.0\n',
    universe: {
      'example.com/a@v1.0.0': 'go 1.18\n\nrequire example.com/b v1.0.0\n',
      'example.com/b@v1.0.0': 'go 1.18\n\nrequire example.com/c v1.0.0\n',
      'example.com/c@v1.0.0': 'go 1.18\n',
    },
  },
  'an old module in the middle': {
    main: 'go 1.18\n\nrequire example.com/a v1.0.0\n',
    universe: {
      'example.com/a@v1.0.0': 'go 1.16\n\nrequire example.com/b v1.0.0\n',
      'example.com/b@v1.0.0': 'go 1.18\n\nrequire example.com/c v1.0.0\n',
      'example.com/c@v1.0.0': 'go 1.18\n',
    },
  },
  'no pruning': {
    main: 'go 1.16\n\nrequire (\n\texample.com/a v1.0.0\n\texample.com/c v1.0.0\n)\n',
    universe: {
      'example.com/a@v1.0.0': 'go 1.18\n\nrequire example.com/b v1.0.0\n',
      'example.com/b@v1.0.0': 'go 1.18\n\nrequire example.com/c v1.2.0\n',
      'example.com/c@v1.0.0': 'go 1.18\n',
      'example.com/c@v1.2.0': 'go 1.18\n',
    },
  },
  'exclude and replace': {
    main: 'go 1.16\n\nrequire example.com/a v1.0.0\n\nexclude example.com/b v1.1.0\n\nreplace example.com/c v1.0.0 => example.net/c v1.5.0\n',
    universe: {
      'example.com/a@v1.0.0': 'require example.com/b v1.0.0\nrequire example.com/c v1.0.0\n',
      'example.com/b@v1.0.0': 'require example.com/b v1.1.0\n',
      'example.com/b@v1.1.0': '',
      'example.net/c@v1.5.0': 'require example.com/d v1.0.0\n',
      'example.com/d@v1.0.0': 'require example.com/c v0.9.0\n',
      'example.com/c@v0.9.0': '',
    },
  },
  'a cycle over the main module': {
    main: 'go 1.16\n\nrequire example.com/a v1.0.0\n',
    universe: {
      'example.com/a@v1.0.0': 'require example.com/main v0.1.0\n',
      'example.com/main@v0.1.0': 'require example.com/d v1.3.0\n',
      'example.com/d@v1.3.0': 'require example.com/a v0.9.0\n',
      'example.com/a@v0.9.0': '',
    },
  },
}

/** Layers of modules that each need some of the layers below, at versions and go lines taken from a fixed sequence. */
function madeUp(count: number): [string, { readonly main: string; readonly universe: Universe }][] {
  let state = 20230102
  const next = (bound: number): number => {
    state = (state * 1103515245 + 12345) % 2147483648
    return Math.floor(state / 65536) % bound
  }
  const layers = ['b', 'c', 'd', 'e', 'f']
  const oneOf = (i: number): string => {
    const needed = layers.slice(i).filter(() => next(2) === 0)
    const lines = needed.map((name) => `require example.com/${name} v1.${next(3)}.0\n`)
    return `${next(2) === 0 ? 'go 1.16\n' : 'go 1.18\n'}\n${lines.join('')}`
  }
  return Array.from({ length: count }, (_, i) => {
    const universe: [string, string][] = [['example.com/a@v1.0.0', oneOf(0)]]
    for (const [at, name] of layers.entries())
      for (const minor of [0, 1, 2]) universe.push([`example.com/${name}@v1.${minor}.0`, oneOf(at + 1)])
    const main = `${i % 2 === 0 ? 'go 1.18' : 'go 1.16'}\n\nrequire example.com/a v1.0.0\n`
    return [`made up ${i}`, { main, universe: Object.fromEntries(universe) }]
  })
}

describe.skipIf(go === undefined)('the go command as a second opinion, offline', () => {
  const root = mkdtempSync(join(tmpdir(), 'assay-go-'))
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  /** A folder with the given files, and a module cache with the documents of a universe. */
  function place(name: string, files: Readonly<Record<string, string>>, universe: Universe): { folder: string; cache: string } {
    const top = join(root, name.replaceAll(' ', '-'))
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
    for (const [path, text] of Object.entries(files)) write(join(top, 'main', path), text)
    for (const [module, text] of Object.entries(universe)) {
      const at = module.lastIndexOf('@')
      const [path, version] = [module.slice(0, at), module.slice(at + 1)]
      const base = join(top, 'cache/cache/download', path, '@v', version)
      write(`${base}.mod`, `module ${path}\n\n${text}`)
      write(`${base}.info`, JSON.stringify({ Version: version, Time: '2023-01-02T03:04:05Z' }))
    }
    return { folder: join(top, 'main'), cache: join(top, 'cache') }
  }

  async function compare(project: string, { folder, cache }: { folder: string; cache: string }): Promise<void> {
    const ours = await readTree(new FolderTree(folder), { caches: new Map([['gomodcache', new FolderTree(cache)]]) })
    const listed = go?.(folder, cache, 'list', '-m', '-f', '{{if not .Main}}{{.Path}}@{{.Version}}{{end}}', 'all') ?? ''
    const found = ours.components.filter((c) => c.projects.includes(project) && !c.firstParty && c.type !== 'toolchain')
    expect(found.map(askedFor).sort()).toEqual(listed.split('\n').filter(Boolean).sort())
  }

  it.each([...Object.entries(SMALL), ...madeUp(16)])('%s', async (name, { main, universe }) => {
    await compare('go:go.mod', place(name, { 'go.mod': `module example.com/main\n\n${main}` }, universe))
  })

  it.each(madeUp(12))('a workspace over %s', async (name, { main, universe }) => {
    const files = {
      'go.work': 'go 1.18\n\nuse ./one\nuse ./two\n',
      'one/go.mod': `module example.com/one\n\n${main}`,
      'two/go.mod': 'module example.com/two\n\ngo 1.18\n\nrequire (\n\texample.com/b v1.1.0\n\texample.com/d v1.1.0\n)\n',
    }
    await compare('go:go.work', place(`work ${name}`, files, universe))
  })
})

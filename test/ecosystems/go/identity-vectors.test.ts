import { expect, it } from 'vitest'
import { matchesGlobList } from '../../../src/ecosystems/go/glob-list.js'
import { compareGoVersions, languageOf } from '../../../src/ecosystems/go/go-version.js'
import {
  escapePath,
  escapeVersion,
  importPathProblem,
  majorMismatch,
  modulePathProblem,
  splitPathVersion,
  unescapePath,
} from '../../../src/ecosystems/go/module-path.js'
import { elementsProblem } from '../../../src/ecosystems/go/path-elements.js'
import { parseProxyList } from '../../../src/ecosystems/go/proxy-list.js'
import { isPlaceholderVersion, isPseudoVersion, parsePseudoVersion } from '../../../src/ecosystems/go/pseudo-version.js'
import { modulePurl, stdlibPurl } from '../../../src/ecosystems/go/purl.js'
import { purlMeansModule } from '../../../src/ecosystems/go/purl-match.js'
import { canonicalVersion, compareVersions, parseVersion } from '../../../src/ecosystems/go/version.js'
import { describeShared, hasShared, readSharedJson } from '../../support/shared.js'

interface VersionCase {
  readonly in: string
  readonly valid: boolean
  readonly canonicalGo?: string
  readonly major?: string
  readonly majorMinor?: string
  readonly prerelease?: string
  readonly build?: string
  readonly escaped?: string
  readonly isPseudo: boolean
  readonly isZeroPseudo?: boolean
  readonly pseudoBase?: string
  readonly pseudoRev?: string
  readonly pseudoTime?: string
}
interface Identity {
  readonly versions: readonly VersionCase[]
  readonly semverAscending: readonly string[]
  readonly semverEqual: readonly (readonly [string, string])[]
  readonly paths: readonly {
    in: string
    escaped?: string
    modulePathError: string | null
    importPathError: string | null
    split: { ok: boolean; prefix: string; pathMajor: string }
  }[]
  readonly pathVersionPairs: readonly { path: string; version: string; checkError: string | null }[]
  readonly unescape: readonly { in: string; path: string; error: string | null }[]
  readonly globPrefix: readonly { patterns: string; path: string; match: boolean }[]
  readonly goVersionCompare: readonly { a: string; b: string; cmp: number }[]
  readonly goVersionValid: readonly { in: string; valid: boolean; lang: string }[]
  readonly zipFileNames: readonly { in: string; error: string | null }[]
}

describeShared('vectors/go/identity.json', 'identity vectors', () => {
  const vectors = hasShared('vectors', 'go', 'identity.json')
    ? readSharedJson<Identity>('vectors', 'go', 'identity.json')
    : undefined
  if (vectors === undefined) return

  it.each(vectors.versions)('version $in', (v) => {
    const parts = parseVersion(v.in)
    expect(parts !== undefined).toBe(v.valid)
    expect(canonicalVersion(v.in)).toBe(v.canonicalGo)
    expect(escapeVersion(v.in)).toBe(v.escaped)
    expect(isPseudoVersion(v.in)).toBe(v.isPseudo)
    expect(isPlaceholderVersion(v.in)).toBe(v.isZeroPseudo === true)
    if (parts !== undefined) {
      expect({
        major: `v${parts.major}`,
        majorMinor: `v${parts.major}.${parts.minor}`,
        prerelease: parts.prerelease,
        build: parts.build,
      }).toEqual({ major: v.major, majorMinor: v.majorMinor, prerelease: v.prerelease, build: v.build })
    }
    if (v.isPseudo) expect(parsePseudoVersion(v.in)).toEqual({ base: v.pseudoBase, revision: v.pseudoRev, time: v.pseudoTime })
  })

  it(`orders versions (${vectors.semverAscending.length} in a row, ${vectors.semverEqual.length} pairs that are equal)`, () => {
    const { semverAscending: sorted } = vectors
    sorted.forEach((a, i) => {
      sorted.forEach((b, j) => {
        expect(Math.sign(compareVersions(a, b)), `${a} ${b}`).toBe(Math.sign(i - j))
      })
    })
    for (const [a, b] of vectors.semverEqual) expect(compareVersions(a, b), `${a} ${b}`).toBe(0)
  })

  it.each(vectors.paths)('path $in', (p) => {
    expect(modulePathProblem(p.in) === undefined).toBe(p.modulePathError === null)
    expect(importPathProblem(p.in) === undefined).toBe(p.importPathError === null)
    expect(escapePath(p.in)).toBe(p.escaped)
    const split = splitPathVersion(p.in)
    expect(split).toEqual(p.split.ok ? { prefix: p.split.prefix, major: p.split.pathMajor } : undefined)
  })

  it.each(vectors.pathVersionPairs)('$path at $version', ({ path, version, checkError }) => {
    const split = splitPathVersion(path)
    expect(split !== undefined && majorMismatch(split.major, version) === undefined).toBe(checkError === null)
  })

  it.each(vectors.unescape)('unescape $in', (u) => {
    expect(unescapePath(u.in)).toBe(u.error === null ? u.path : undefined)
  })

  it.each(vectors.globPrefix)('pattern $patterns on $path', ({ patterns, path, match }) => {
    expect(matchesGlobList(patterns, path)).toBe(match)
  })

  it(`orders versions of Go (${vectors.goVersionCompare.length} pairs)`, () => {
    for (const { a, b, cmp } of vectors.goVersionCompare) {
      expect(Math.sign(compareGoVersions(a, b)), `${a} ${b}`).toBe(cmp)
      expect(Math.sign(compareGoVersions(b, a)) + cmp, `${b} ${a}`).toBe(0)
    }
  })

  it.each(vectors.goVersionValid)('toolchain $in', ({ in: name, valid, lang }) => {
    expect(languageOf(name)).toBe(valid ? lang : undefined)
  })

  it.each(vectors.zipFileNames)('file name $in', ({ in: name, error }) => {
    expect(elementsProblem(name, 'file') === undefined).toBe(error === null)
  })
})

interface PurlCase {
  readonly path: string
  readonly version: string | null
  readonly package?: string
  readonly purl: string
  readonly alsoSeen?: readonly string[]
  readonly replacedByDir?: string
  readonly replacedBy?: readonly [string, string]
}

describeShared('vectors/go/purl.json', 'package URL vectors', () => {
  if (!hasShared('vectors', 'go', 'purl.json')) return
  const { cases } = readSharedJson<{ cases: readonly PurlCase[] }>('vectors', 'go', 'purl.json')
  it.each(cases)('$purl', (c) => {
    const [path, replaced] = c.replacedBy ?? [c.path, c.version ?? undefined]
    const version = c.replacedByDir === undefined ? replaced : undefined
    const written = path === 'stdlib' ? stdlibPurl(version ?? '') : modulePurl(path, version, c.package)
    expect(written).toBe(c.purl)
    for (const seen of [c.purl, ...(c.alsoSeen ?? [])])
      if (c.package === undefined) expect(purlMeansModule(seen, path, version), seen).toBe(true)
    expect(purlMeansModule(c.purl, `${path}x`, version)).toBe(false)
    expect(purlMeansModule(c.purl, path, 'v9.9.9')).toBe(false)
  })
})

interface SplitCase {
  readonly in: string
  readonly entries?: readonly { url: string; fallbackOnAnyError?: boolean }[]
  readonly error?: string
}

describeShared('vectors/go/goproxy.json', 'GOPROXY list vectors', () => {
  if (!hasShared('vectors', 'go', 'goproxy.json')) return
  const { split } = readSharedJson<{ split: readonly SplitCase[] }>('vectors', 'go', 'goproxy.json')
  it.each(split)('"$in"', (c) => {
    const list = parseProxyList(c.in)
    if (c.error !== undefined) expect(list).toEqual({ kind: 'invalid', why: c.error })
    else if (c.entries !== undefined) expect(list).toMatchObject({ kind: 'list', entries: c.entries })
    else expect(list).toEqual({ kind: 'default' })
  })
})

import { describe, expect, it } from 'vitest'
import { NO_RELEASE_SETTINGS } from '../../src/model/release-settings.js'
import { load, problemsOf } from './support/load.js'

const DIGEST = `sha256:${'a'.repeat(64)}`

describe('[release] of assay.toml', () => {
  it('is nothing where the file says nothing', () => {
    expect(load('version = 1\n').settings.release).toEqual(NO_RELEASE_SETTINGS)
  })

  it('reads images with their places, and paths from the top; what is extended adds up', () => {
    const text = `version = 1
extends = ["./base.toml"]
[release]
images = [
  "oci://ghcr.io/acme/app@${DIGEST}",
  "oci://localhost:5000/app:v1",
]
sboms = ["./dist/bom.json"]
`
    const base = 'version = 1\n[release]\nimages = ["oci://a.example/b"]\nsboms = ["a/../b.json"]\n'
    expect(load(text, { 'base.toml': base }).settings.release).toEqual({
      images: [
        { reference: 'oci://a.example/b', location: expect.objectContaining({ file: 'base.toml', line: 3 }) },
        { reference: `oci://ghcr.io/acme/app@${DIGEST}`, location: expect.objectContaining({ file: 'assay.toml', line: 5 }) },
        { reference: 'oci://localhost:5000/app:v1', location: expect.objectContaining({ line: 6 }) },
      ],
      sboms: ['b.json', 'dist/bom.json'],
    })
  })

  it.each([
    ['images = ["ghcr.io/acme/app"]', 'release.images.0 must match pattern'],
    ['images = ["oci://ghcr.io/Acme/app"]', 'oci://ghcr.io/Acme/app names nothing: the path of the repository is malformed'],
    ['images = ["oci://ghcr.io/acme/app@sha256:abc"]', 'names nothing: the digest is not'],
    ['images = ["oci://ghcr.io/acme/app@sha256:abc"]', 'assay.toml:3:11'],
    ['sboms = ["../bom.json"]', '../bom.json is no file of the repository'],
    ['sboms = ["/etc/bom.json"]', 'is no file of the repository'],
    ['image = []', 'unknown key image, did you mean images?'],
    [`images = [${'"oci://a.example/b", '.repeat(101)}]`, 'release.images must NOT have more than 100 items'],
  ])('%j is refused', (line, says) => {
    expect(problemsOf(`version = 1\n[release]\n${line}\n`).join('\n')).toContain(says)
  })
})

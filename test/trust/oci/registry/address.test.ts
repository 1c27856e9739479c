import { describe, expect, it } from 'vitest'
import { parseOciReference } from '../../../../src/trust/oci/reference.js'
import { manifestPath, repositoryAddress } from '../../../../src/trust/oci/registry/address.js'

function addressOf(text: string, plainHttp?: boolean): string {
  const parsed = parseOciReference(text)
  if (!parsed.ok) return parsed.why
  const { origin, repository } = repositoryAddress(parsed.reference, plainHttp)
  return `${origin} ${repository}`
}

describe('a repository is asked for', () => {
  it.each([
    ['nginx', 'https://registry-1.docker.io library/nginx'],
    ['docker.io/acme/app', 'https://registry-1.docker.io acme/app'],
    ['registry.example/acme/app:1', 'https://registry.example acme/app'],
    ['Registry.Example:5000/acme/app', 'https://registry.example:5000 acme/app'],
    ['registry.example:443/a', 'https://registry.example a'],
    ['localhost:5000/a', 'http://localhost:5000 a'],
    ['127.0.0.1:5000/a', 'http://127.0.0.1:5000 a'],
    ['[::1]:5000/a', 'http://[::1]:5000 a'],
    ['127.0.0.1.example/a', 'https://127.0.0.1.example a'],
    ['10.0.0.1:5000/a', 'https://10.0.0.1:5000 a'],
  ])('%s at %s', (text, address) => expect(addressOf(text)).toBe(address))

  it('over plain http where the user says so, but never for Docker Hub', () => {
    expect(addressOf('registry.example:5000/a', true)).toBe('http://registry.example:5000 a')
    expect(addressOf('nginx', true)).toBe('https://registry-1.docker.io library/nginx')
  })

  it('with nothing in the path but a tag or the digits of a digest', () => {
    const hex = 'a'.repeat(64)
    expect(manifestPath({ tag: 'v1.0' })).toBe('manifests/v1.0')
    expect(manifestPath({})).toBe('manifests/latest')
    expect(manifestPath({ tag: 'v1', digest: { algorithm: 'sha256', hex } })).toBe(`manifests/sha256:${hex}`)
    for (const tag of ['', '../x', 'a/b', 'a%2fb', 'a\r\nb', 'a?b', '.x', 'x'.repeat(129)])
      expect([tag, manifestPath({ tag })]).toEqual([tag, undefined])
    for (const bad of [hex.toUpperCase(), hex.slice(1), `${hex}a`, `..${hex.slice(2)}`, `${hex}\n`])
      expect([bad, manifestPath({ digest: { algorithm: 'sha256', hex: bad } })]).toEqual([bad, undefined])
  })
})

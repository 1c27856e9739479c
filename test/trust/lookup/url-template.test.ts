import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LookupKey } from '../../../src/trust/lookup/lookup-key.js'
import type { LookupSubject } from '../../../src/trust/lookup/source.js'
import { expandTemplate, parseUrlTemplate } from '../../../src/trust/lookup/url-template.js'

const KEY: LookupKey = { algorithm: 'sha256', hex: 'ab'.repeat(32) }
const SUBJECT: LookupSubject = {
  name: 'github.com/acme/widget',
  version: '1.0.0+build',
  anchors: [],
  url: 'https://files.example/dl/widget%20one.tar.gz?x=1',
  sourceRepository: 'git+https://github.com/Acme/Widget.git',
}

function expand(text: string, subject: Partial<LookupSubject> = {}, key: LookupKey | undefined = KEY): string {
  const read = parseUrlTemplate(text)
  if (!read.ok) return `refused: ${read.why}`
  const expanded = expandTemplate(read.template, { ...SUBJECT, ...subject }, key)
  return typeof expanded === 'string' ? `none: ${expanded}` : expanded.url
}

describe('a URL template', () => {
  it.each([
    ['https://a.example/{name}/{version}.jsonl', 'https://a.example/github.com%2Facme%2Fwidget/1.0.0%2Bbuild.jsonl'],
    ['https://a.example/{alg}/{digest}', `https://a.example/sha256/${KEY.hex}`],
    ['https://a.example/{owner}/{repo}/{file}', 'https://a.example/Acme/Widget/widget%20one.tar.gz'],
    [
      'https://a.example/by?url={url}',
      'https://a.example/by?url=https%3A%2F%2Ffiles.example%2Fdl%2Fwidget%2520one.tar.gz%3Fx%3D1',
    ],
    ['http://127.0.0.1:8080/{name}', 'http://127.0.0.1:8080/github.com%2Facme%2Fwidget'],
    ['http://localhost/{name}{version}', 'http://localhost/github.com%2Facme%2Fwidget1.0.0%2Bbuild'],
  ])('%s', (text, expected) => {
    expect(expand(text)).toBe(expected)
  })

  it.each([
    'http://a.example/{name}',
    'ftp://a.example/{name}',
    'file:///etc/{name}',
    'HTTPS://a.example/{name}',
    '/{name}',
    'https://{name}/x',
    'https://a.example:{version}/x',
    'https://{name}.example/x',
    'https://user:secret@a.example/{name}',
    'https://a.example',
    'https://a.example/fixed.json',
    'https://a.example/{Name}',
    'https://a.example/{constructor}',
    'https://a.example/{name',
    'https://a.example/name}',
    'https://a.example/{{name}}',
    'https://a.exa mple/{name}',
    'https://a.example\\@evil.example/{name}',
    'https://a.example?{name}',
    '',
    `https://a.example/{name}${'x'.repeat(3000)}`,
  ])('%j is refused', (text) => {
    expect(expand(text)).toMatch(/^refused: ./)
  })

  it.each([
    [{ name: '..' }, 'none: a value of it would lead out of the path of the template'],
    [{ name: '.' }, 'none: a value of it would lead out of the path of the template'],
    [{ name: '' }, 'none: {name} is not known of it'],
    [{ name: '\ud800' }, 'none: {name} is not known of it'],
    [{ name: 'x'.repeat(2000) }, 'none: {name} is not known of it'],
    [{ name: '../..' }, 'https://a.example/x/..%2F../y'],
    [{ name: '%2e%2e' }, 'https://a.example/x/%252e%252e/y'],
    [{ name: 'a\r\nHost: evil' }, 'https://a.example/x/a%0D%0AHost%3A%20evil/y'],
    [{ name: 'a?b#c' }, 'https://a.example/x/a%3Fb%23c/y'],
  ])('of %j stays where it is', (subject, expected) => {
    expect(expand('https://a.example/x/{name}/y', subject)).toBe(expected)
  })

  it('of two values cannot be led out by both together', () => {
    expect(expand('https://a.example/x/{name}{version}/y', { name: '.', version: '.' })).toMatch(/^none: /)
    expect(expand('https://a.example/x/.{name}/y', { name: '.' })).toMatch(/^none: /)
  })

  it('is for none of what is not known', () => {
    expect(expand('https://a.example/{digest}', {}, undefined)).toBe(expand('https://a.example/{digest}'))
    expect(expand('https://a.example/{version}', { version: undefined })).toBe('none: {version} is not known of it')
    expect(expand('https://a.example/{owner}', { sourceRepository: 'https://github.com/' })).toBe(
      'none: {owner} is not known of it',
    )
    const parts = (sourceRepository: string): string => expand('https://a.example/{owner}/{repo}', { sourceRepository })
    expect(parts('https://github.com/o/r/tree/main/sub')).toBe('https://a.example/o/r')
    expect(parts('https://gitlab.example/group/sub/r.git')).toBe('https://a.example/sub/r')
    expect(expand('https://a.example/{file}', { url: 'https://a.example/' })).toBe('none: {file} is not known of it')
  })

  it('keeps host and the parts before and after the value, whatever the value is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (name) => {
        const url = expand('https://a.example/before/{name}/after', { name })
        if (url.startsWith('none: ')) return
        const parsed = new URL(url)
        expect(parsed.host).toBe('a.example')
        expect(parsed.pathname.split('/')).toHaveLength(4)
        expect(parsed.pathname.startsWith('/before/') && parsed.pathname.endsWith('/after')).toBe(true)
        expect(decodeURIComponent(parsed.pathname.split('/')[2] ?? '')).toBe(name)
      }),
    )
  })

  it('of any text is read or refused', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), fc.string({ maxLength: 20 }), (text, name) => {
        expect(typeof expand(text, { name })).toBe('string')
        expect(typeof expand(`https://a.example/${text}`, { name })).toBe('string')
      }),
    )
  })
})

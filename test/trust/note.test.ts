import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openTreeHead } from '../../src/trust/go-checksum-database/tree-head.js'
import type { NoteVerifier } from '../../src/trust/note.js'
import { openNote, parseVerifierKey } from '../../src/trust/note.js'
import { describeShared, readSharedJson, sharedPath } from '../support/shared.js'
import { makeNoteKey } from './support/signed-log.js'

function verifierOf(text: string): NoteVerifier {
  const parsed = parseVerifierKey(text)
  if (!parsed.ok) throw new Error(parsed.why)
  return parsed.verifier
}

const key = makeNoteKey('log.example/one')
const other = makeNoteKey('witness.example')
const verifier = verifierOf(key.verifierKey)
const bytes = (text: string): Uint8Array => Buffer.from(text)

describe('parseVerifierKey', () => {
  it('reads the key of the public Go checksum database', () => {
    const parsed = parseVerifierKey('sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8')
    expect(parsed).toMatchObject({ ok: true, verifier: { name: 'sum.golang.org', keyHash: '033de0ae' } })
  })

  const [name, hash, encoded] = [verifier.name, verifier.keyHash, key.verifierKey.split('+').slice(2).join('+')]
  const cases = [
    { name: 'no separators', text: 'log.example', why: 'a verifier key has the form NAME+HASH+KEY' },
    { name: 'one separator', text: `${name}+${hash}`, why: 'a verifier key has the form NAME+HASH+KEY' },
    { name: 'empty name', text: `+${hash}+${encoded}`, why: 'the name of a verifier key is not empty and holds no white space' },
    {
      name: 'space in name',
      text: `a b+${hash}+${encoded}`,
      why: 'the name of a verifier key is not empty and holds no white space',
    },
    {
      name: 'short hash',
      text: `${name}+${hash.slice(1)}+${encoded}`,
      why: 'the hash of a verifier key is 8 hexadecimal digits',
    },
    { name: 'upper-case hash', text: `${name}+033DE0AE+${encoded}`, why: 'the hash of a verifier key is 8 hexadecimal digits' },
    { name: 'not base64', text: `${name}+${hash}+!!!`, why: 'the key part of a verifier key is not base64' },
    { name: 'empty key', text: `${name}+${hash}+`, why: 'the key part of a verifier key is not base64' },
    { name: 'another name', text: `x${key.verifierKey}`, why: 'the hash in the verifier key does not fit its name and key' },
  ]
  for (const { name: title, text, why } of cases) it(title, () => expect(parseVerifierKey(text)).toEqual({ ok: false, why }))

  it('never throws and never takes a random text', () => {
    fc.assert(fc.property(fc.string(), (text) => !parseVerifierKey(text).ok))
  })
})

describe('openNote', () => {
  const text = 'first\n\nthird\n'
  const note = key.sign(text)

  it('gives the text and who signed', () => {
    expect(openNote(bytes(note), [verifier])).toEqual({
      kind: 'verified',
      text,
      signers: [{ name: verifier.name, keyHash: verifier.keyHash }],
      unverified: [],
    })
  })

  const line = note.slice(note.lastIndexOf('\n\n') + 2)
  const foreign = other.sign(text).slice(text.length + 1)
  const badLine = key.sign('another text\n').slice('another text\n'.length + 1)
  const cases = [
    { name: 'unknown key beside a known one', note: note + foreign, kind: 'verified' },
    { name: 'unknown key first', note: `${text}\n${foreign}${line}`, kind: 'verified' },
    { name: 'the same signature twice', note: note + line, kind: 'verified' },
    { name: 'a good repetition then a bad one of the same key is ignored', note: note + badLine, kind: 'verified' },
    { name: 'bad signature of a known key first', note: `${text}\n${badLine}${line}`, kind: 'bad-signature' },
    { name: 'only an unknown key', note: other.sign(text), kind: 'unverified' },
    { name: 'altered text', note: note.replace('third', 'Third'), kind: 'bad-signature' },
    { name: 'a hundred signatures', note: note + foreign.repeat(99), kind: 'verified' },
    { name: 'a hundred and one signatures', note: note + foreign.repeat(100), kind: 'malformed' },
    { name: 'two spaces before the signature', note: note.replace(`${key.name} `, `${key.name}  `), kind: 'malformed' },
    { name: 'tab in the text', note: key.sign('a\tb\n'), kind: 'malformed' },
    { name: 'empty', note: '', kind: 'malformed' },
    { name: 'no signatures', note: 'a\n\n', kind: 'malformed' },
    { name: 'an empty line after the signatures', note: `${note}\n`, kind: 'malformed' },
    { name: 'four bytes of signature', note: `a\n\n— x AAAAAA==\n`, kind: 'malformed' },
    { name: 'url-safe base64', note: 'a\n\n— x AAAA-_AA\n', kind: 'malformed' },
    { name: 'name with a plus', note: 'a\n\n— x+y AAAAAAAA\n', kind: 'malformed' },
    { name: 'more than a million bytes', note: key.sign(`${'x'.repeat(1_000_000)}\n`), kind: 'malformed' },
  ]
  for (const { name, note: message, kind } of cases) it(name, () => expect(openNote(bytes(message), [verifier]).kind).toBe(kind))

  it('refuses invalid UTF-8', () => {
    expect(openNote(Buffer.concat([Buffer.of(0xff), bytes(note)]), [verifier])).toEqual({
      kind: 'malformed',
      why: 'it is not valid UTF-8',
    })
  })

  it('damage any byte of text or signature and it is never verified', () => {
    const whole = bytes(note)
    for (let at = 0; at < whole.length; at += 1) {
      for (const flip of [1, 0x20, 0x80]) {
        const damaged = Uint8Array.from(whole, (byte, index) => (index === at ? byte ^ flip : byte))
        expect(openNote(damaged, [verifier]).kind, `byte ${at} ^ ${flip}`).not.toBe('verified')
      }
    }
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (message) => openNote(message, [verifier]).kind !== 'verified'))
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => openNote(bytes(`${a}\n\n— ${b}\n`), [verifier]).kind !== 'verified'),
    )
  })
})

describeShared('vectors/go/sumdb', 'notes.json of the checksum-database vectors', () => {
  const { verifierKey, cases } = readSharedJson<{ verifierKey: string; cases: Record<string, { note: string; expect: string }> }>(
    'vectors/go/sumdb/notes.json',
  )
  const expected: Readonly<Record<string, string>> = {
    ok: 'ok',
    unverified: 'note-unverified',
    malformed: 'note-malformed',
    'bad-signature': 'note-bad-signature',
    'tree-malformed': 'tree-malformed',
  }
  for (const [name, { note, expect: outcome }] of Object.entries(cases)) {
    it(name, () => {
      const opened = openTreeHead(bytes(note), verifierOf(verifierKey))
      expect(opened.ok ? 'ok' : opened.reason).toBe(expected[outcome])
    })
  }
  it('counts 17 cases, and the key file is the same key', () => {
    expect(Object.keys(cases)).toHaveLength(17)
    expect(readFileSync(sharedPath('vectors/go/sumdb/key'), 'utf8').trim()).toBe(verifierKey)
  })
})

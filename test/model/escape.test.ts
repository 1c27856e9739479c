import { describe, expect, it } from 'vitest'
import { escapeTerminal } from '../../src/model/escape.js'

describe('text for a terminal', () => {
  it.each([
    ['plain — text ü 名', 'plain — text ü 名'],
    ['\u001b[2J', '\\u{1b}[2J'],
    ['a\nb\tc', 'a\\u{a}b\\u{9}c'],
    ['s\u202eedre', 's\\u{202e}edre'],
    ['\ud800', '\\u{d800}'],
    ['😀', '😀'],
    ['\u{e0041}', '\\u{e0041}'],
    ['::error::owned', '\\::error::owned'],
    ['  ::error::owned', '  \\::error::owned'],
    ['a::error::owned', 'a::error::owned'],
    ['##[command]x', '#\\#[command]x'],
    ['a ##[command] b ##vso[task]', 'a #\\#[command] b #\\#vso[task]'],
    ['## heading', '## heading'],
  ])('%j is %j', (text, expected) => expect(escapeTerminal(text)).toBe(expected))
})

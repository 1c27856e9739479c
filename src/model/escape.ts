/**
 * C0 and C1 controls, DEL, bidirectional marks and overrides, zero-width and other invisible characters, line and
 * paragraph separators, tag characters, and lone surrogates: what can move a cursor, reorder or hide text
 * (Trojan Source, CVE-2021-42574).
 */
const DANGEROUS =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu

/**
 * Makes a stranger's text fit for one line of a terminal: what could act on it is shown as `\u{…}`. Also neutralises
 * what a CI log would obey: `::command::` at the start of a line, `##[command]` and `##vso[command]` anywhere in it.
 */
export function escapeTerminal(text: string): string {
  const visible = text.replace(DANGEROUS, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
  return visible.replace(/^(\s*):(?=:)/, '$1\\:').replace(/##(?=(?:vso)?\[)/g, '#\\#')
}

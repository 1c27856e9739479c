import type { TomlPath, TomlTable, TomlValue } from '../../syntax/toml.js'
import { isTable } from '../../syntax/toml.js'
import { nearest } from '../nearest.js'
import { table, text, texts } from '../toml-values.js'
import { BUILT_IN_CRITERIA } from './criteria.js'
import type { ReviewFile } from './review-file.js'

/** Reads `[criteria.NAME]`: they are one set for all files, so that two files may not mean two things by one name. */
export function readCriteria(file: ReviewFile): void {
  const { document, book } = file
  const defined = document.value['criteria']
  if (defined === undefined) return
  if (!isTable(defined)) {
    file.note(document.locate(['criteria']), 'criteria must be tables: [criteria.NAME]')
    return
  }
  for (const [name, entry] of Object.entries(defined)) {
    const path = ['criteria', name]
    const place = document.locate(path, 'key')
    const implied = isTable(entry) ? oneOrMore(entry['implies'] ?? []) : undefined
    if (implied === undefined || name.trim() === '') {
      file.note(place, `[criteria.NAME] must hold a description, and as implies one name or a list of names`)
      continue
    }
    const known = book.criteria.get(name)
    if (known !== undefined && !sameNames(known, implied))
      file.note(
        place,
        BUILT_IN_CRITERIA.has(name)
          ? `${name} is built in and implies ${wordsOf(BUILT_IN_CRITERIA.get(name) ?? [])}; give yours another name`
          : `another file defines ${name} too, and says it implies ${wordsOf(known)}; one of the two must have another name`,
      )
    else book.criteria.set(name, implied)
  }
}

/** Names in `implies` that nobody defines, once all files are read. */
export function noteUnknownCriteria(file: ReviewFile): void {
  const { document, book } = file
  for (const [name, entry] of Object.entries(table(document.value['criteria']) ?? {}))
    for (const implied of oneOrMore(table(entry)?.['implies'] ?? []) ?? [])
      if (!book.criteria.has(implied))
        file.note(document.locate(['criteria', name, 'implies']), unknownCriteria(implied, book.criteria))
}

export function unknownCriteria(name: string, known: ReadonlyMap<string, unknown>): string {
  const near = nearest(name.slice(0, 100), known.keys())
  return `there are no criteria ${JSON.stringify(name.slice(0, 100))}${near === undefined ? `; there are ${[...known.keys()].slice(0, 10).join(', ')}` : `, did you mean ${near}?`}`
}

/** The `criteria` of an entry, all of them known; undefined, and told, where they are not. */
export function criteriaOf(entry: TomlTable, path: TomlPath, file: ReviewFile): readonly string[] | undefined {
  const { document, book } = file
  const names = oneOrMore(entry['criteria'])
  if (names === undefined || names.length === 0) {
    file.note(document.locate([...path, 'criteria']), 'criteria must name what it is reviewed for, such as "safe-to-deploy"')
    return undefined
  }
  const unknown = names.find((name) => !book.criteria.has(name))
  if (unknown === undefined) return [...new Set(names)]
  file.note(document.locate([...path, 'criteria']), unknownCriteria(unknown, book.criteria))
  return undefined
}

/** A text or a list of texts; undefined for anything else. */
export function oneOrMore(value: TomlValue | undefined): readonly string[] | undefined {
  const one = text(value)
  if (one !== undefined) return [one]
  if (!Array.isArray(value)) return undefined
  const many = texts(value)
  return many.length === value.length ? many : undefined
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  const set = new Set(a)
  return set.size === new Set(b).size && b.every((name) => set.has(name))
}

function wordsOf(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.join(', ')
}

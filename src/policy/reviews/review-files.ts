import type { Location } from '../../model/location.js'
import type { ReviewSettings } from '../../model/review.js'
import type { TomlDocument, TomlTable } from '../../syntax/toml.js'
import { parseToml } from '../../syntax/toml.js'
import type { ConfigProblem } from '../config-problem.js'
import { readAssayReviews } from './assay-reviews.js'
import { cargoVetForm, readCargoVet } from './cargo-vet.js'
import { noteUnknownCriteria, readCriteria } from './criteria-tables.js'
import type { ReviewChecks, ReviewForm } from './review-file.js'
import { ReviewBookDraft, ReviewFile } from './review-file.js'

/** The largest known set of audits has a tenth of it. */
const MAX_FILE_BYTES = 8 * 1024 * 1024
/** cargo-vet itself knows 64. */
const MAX_CRITERIA = 256

/**
 * Reads the review files that a configuration names and adds them to what the files it extends have named. Two forms are told
 * apart by what is in them: assay's own, which states `version = 1`, and the files of cargo-vet. What is wrong is added to
 * `problems` with its place; never throws on content.
 */
export function readReviewFiles(
  named: readonly { readonly path: string; readonly location: Location }[],
  below: ReviewSettings | undefined,
  checks: ReviewChecks,
  problems: ConfigProblem[],
): ReviewSettings | undefined {
  const known = new Set(below?.files)
  const fresh = named.filter(({ path }) => !known.has(path) && known.add(path))
  if (fresh.length === 0) return below
  const book = new ReviewBookDraft(below)
  const files = fresh.flatMap(({ path, location }) => {
    const document = openDocument(path, location, checks, problems)
    return document === undefined
      ? []
      : [{ path, file: new ReviewFile(document, formOf(document.value), checks, book, problems) }]
  })
  // Criteria of every file first: a review may be by those of another.
  for (const { file } of files) if (file.form !== 'imports') readCriteria(file)
  let { ofEveryEcosystem = false, writeTo = {} } = below ?? {}
  for (const { path, file } of files) {
    const { form } = file
    if (form === 'assay') {
      readAssayReviews(file)
      ofEveryEcosystem = true
      writeTo = { ...writeTo, own: writeTo.own ?? path }
    } else if (form === undefined) {
      file.note(
        file.document.locate([]),
        `${path} holds no reviews; they are those of cargo-vet (audits.toml, imports.lock, config.toml), or [[review]] after version = 1`,
      )
    } else {
      readCargoVet(file, form)
      if (form === 'audits') writeTo = { ...writeTo, cargoVet: writeTo.cargoVet ?? path }
    }
  }
  const [first] = files
  if (book.criteria.size > MAX_CRITERIA && first !== undefined)
    first.file.note(first.file.document.locate(['criteria'], 'key'), `more than ${MAX_CRITERIA} criteria are defined`)
  else for (const { file } of files) noteUnknownCriteria(file)
  return book.finish({ files: [...known], ofEveryEcosystem, writeTo })
}

/** No file of cargo-vet states a version of its own at the top. */
function formOf(value: TomlTable): ReviewForm | undefined {
  return value['version'] === undefined ? cargoVetForm(value) : 'assay'
}

function openDocument(
  path: string,
  location: Location,
  checks: ReviewChecks,
  problems: ConfigProblem[],
): TomlDocument | undefined {
  const read = checks.readFile(path, MAX_FILE_BYTES)
  if (!read.ok) {
    problems.push({ location, message: `${path} cannot be read: ${read.why}` })
    return undefined
  }
  const parsed = parseToml(read.text, path, 'input/config-unparseable')
  if (parsed.ok) return parsed.document
  problems.push({ location: parsed.diagnostic.location, message: parsed.diagnostic.message })
  return undefined
}

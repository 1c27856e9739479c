import type { Location } from '../model/location.js'
import type { ReviewSettings } from '../model/review.js'
import type { TomlDocument, TomlPath, TomlTable } from '../syntax/toml.js'
import { isTable } from '../syntax/toml.js'
import type { ConfigProblem } from './config-problem.js'
import { unknownCriteria } from './reviews/criteria-tables.js'
import { table, tables, text, texts } from './toml-values.js'

/** What files ask of reviews; whether that can be met is known once all files are read. */
export class ReviewDemands {
  #wanted: Location | undefined
  readonly #criteria: { readonly name: string; readonly location: Location }[] = []

  /** Adds what a file says of the rules about reviews, those of its overrides too. */
  read(document: TomlDocument): void {
    this.#readRules(table(document.value['rules']), ['rules'], document)
    for (const [i, override] of tables(document.value['override']).entries())
      this.#readRules(table(override['rules']), ['override', i, 'rules'], document)
  }

  #readRules(rules: TomlTable | undefined, path: TomlPath, document: TomlDocument): void {
    for (const id of ['trust/review-missing', 'trust/review-violation']) {
      const entry = rules?.[id]
      const severity = isTable(entry) ? text(entry['severity']) : text(entry)
      if (id === 'trust/review-missing' && severity !== undefined && severity !== 'off')
        this.#wanted = document.locate([...path, id], 'key')
      for (const [i, name] of texts(isTable(entry) ? entry['criteria'] : undefined).entries())
        this.#criteria.push({ name, location: document.locate([...path, id, 'criteria', i]) })
    }
  }

  /** What can never be met: reviews without a file that holds any, and criteria that nobody defines. */
  problems(reviews: ReviewSettings | undefined): readonly ConfigProblem[] {
    if (reviews === undefined)
      return this.#wanted === undefined
        ? []
        : [{ location: this.#wanted, message: 'nothing says where reviews are; name their files as reviews in [trust]' }]
    return this.#criteria
      .filter(({ name }) => !reviews.criteria.has(name))
      .map(({ name, location }) => ({ location, message: unknownCriteria(name, reviews.criteria) }))
  }
}

/** One licence, as the leaf of an expression. */
export interface LicenseLeaf {
  readonly kind: 'license'
  /** A listed id in the case of the list, or `LicenseRef-…` / `DocumentRef-…:LicenseRef-…` as written. */
  readonly id: string
  /** `+` after a listed id. */
  readonly orLater: boolean
  /** A listed exception, or `AdditionRef-…` as written. */
  readonly exception?: string | undefined
}

/** An SPDX licence expression. `and` and `or` have two parts or more. */
export type LicenseExpression = LicenseLeaf | { readonly kind: 'and' | 'or'; readonly parts: readonly LicenseExpression[] }

/** The expression in canonical spelling: upper-case operators, single blanks, parentheses only around OR inside AND. */
export function formatExpression(expression: LicenseExpression): string {
  if (expression.kind === 'license') {
    const base = `${expression.id}${expression.orLater ? '+' : ''}`
    return expression.exception === undefined ? base : `${base} WITH ${expression.exception}`
  }
  const parts = expression.parts.map((part) => {
    const text = formatExpression(part)
    return expression.kind === 'and' && part.kind === 'or' ? `(${text})` : text
  })
  return parts.join(expression.kind === 'and' ? ' AND ' : ' OR ')
}

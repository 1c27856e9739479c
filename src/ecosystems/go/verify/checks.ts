import type { Component } from '../../../model/component.js'
import type { TreeScheme } from '../../../model/digest.js'
import type { Authority, Evidence } from '../../../model/evidence.js'
import type { NoAnswer } from '../../no-answer.js'

/** Evidence about a component that is named where it is put together. */
export type Piece = Omit<Evidence, 'subject'>

/** The different values that go.sum and its kin state of one kind, in the order of the component's claims. */
export function claimed(component: Component, scheme: TreeScheme): readonly string[] {
  const values = component.claims.flatMap(({ digest }) =>
    digest.of === 'tree' && digest.scheme === scheme ? [digest.value] : [],
  )
  return [...new Set(values)]
}

export function unanswered(check: string, none: NoAnswer & { readonly authority?: Authority | undefined }): Piece {
  const { verdict, why, at, authority } = none
  return { check, verdict, why, at, authority }
}

/** One observed value against each that is stated. */
export function compared(
  piece: Omit<Piece, 'verdict' | 'expected'> & { readonly observed: string },
  stated: readonly string[],
): readonly Piece[] {
  return stated.map((expected) => ({ ...piece, verdict: expected === piece.observed ? 'match' : 'mismatch', expected }))
}

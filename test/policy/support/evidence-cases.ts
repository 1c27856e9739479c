import type { Component } from '../../../src/model/component.js'
import type { Authority, Evidence, VerdictKind } from '../../../src/model/evidence.js'
import type { Verification } from '../../../src/model/verification.js'

/** One piece of evidence about a component. */
export function seen(
  component: Component,
  check: string,
  verdict: VerdictKind,
  authority: Authority,
  rest: Partial<Evidence> = {},
): Evidence {
  return { subject: component.id, check, verdict, authority, ...rest }
}

export const INDEX: Authority = { kind: 'registry', name: 'https://index.crates.io/' }
export const CRATE: Authority = { kind: 'artifact', name: 'https://static.crates.io/x.crate' }
export const LOG: Authority = { kind: 'log', name: 'sum.golang.org' }
export const REPOSITORY: Authority = { kind: 'git', name: 'https://git.example.com/x' }

export const ASKED: Verification = { asked: true, offline: false, onUnavailable: 'fail' }

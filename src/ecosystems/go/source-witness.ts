import type { Probe } from '../sources.js'

/** A module of the Go project that every public proxy and the public log know, and the hash of its go.mod. */
export const WITNESS = {
  path: 'golang.org/x/text',
  version: 'v0.3.0',
  goModHash: 'h1:NqM8EUOU14njkJ3fqMW+pc6Ldnwhi/IjpwHt7yyuwOQ=',
}

/** Proxies and the log must say the same of it. */
export const WITNESS_SUBJECT: Probe['subject'] = {
  key: `go ${WITNESS.path} ${WITNESS.version} go.mod`,
  expected: WITNESS.goModHash,
  isFixed: true,
}

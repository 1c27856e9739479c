import type { StatementSubject } from './statement.js'

/** The in-toto statement that is written (v1); older ones are only read. */
export interface StatementToWrite {
  readonly subjects: readonly StatementSubject[]
  readonly predicateType: string
  /** JSON text of the predicate. It stands in the statement byte for byte, so that a document keeps every digit it has. */
  readonly predicate: string
}

/** The bytes of a statement: the same for the same content, in one line, subjects in the order given. */
export function statementBytes({ subjects, predicateType, predicate }: StatementToWrite): Uint8Array {
  const subject = subjects.map(({ name, uri, digest }) => ({
    ...(name === undefined ? {} : { name }),
    ...(uri === undefined ? {} : { uri }),
    digest: Object.fromEntries(digest),
  }))
  const head = `{"_type":"https://in-toto.io/Statement/v1","subject":${JSON.stringify(subject)}`
  return Buffer.from(`${head},"predicateType":${JSON.stringify(predicateType)},"predicate":${predicate}}`)
}

import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { AssayError } from '../model/error.js'

/** Whether there is a person to ask: what is piped in is no answer. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}

/** Asks for a line and shows nothing of what is typed. */
export async function askSecret(question: string): Promise<string> {
  process.stderr.write(question)
  const silent = new Writable({
    write(_chunk, _encoding, done) {
      done()
    },
  })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    return await lines.question('')
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}

/** Says what is going to happen, and asks whether it may. Throws `usage` where there is nobody to ask. */
export async function askAgreement(what: string): Promise<boolean> {
  if (!canAsk()) throw new AssayError('usage', what, 'Add --yes to agree to it.')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(?:es)?$/i.test((await lines.question(`${what} Sign? [y/N] `)).trim())
  } finally {
    lines.close()
  }
}

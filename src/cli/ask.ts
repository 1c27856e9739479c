import type { Interface } from 'node:readline/promises'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { AssayError } from '../model/error.js'

/** Whether there is a person to ask: what is piped in is no answer. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}

/** Asks for a line and shows nothing of what is typed. Throws `usage` where none comes. */
export async function askSecret(question: string): Promise<string> {
  const silent = new Writable({
    write(_chunk, _encoding, done) {
      done()
    },
  })
  // From here on the terminal itself shows nothing; asking before would show what is typed at once.
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  process.stderr.write(question)
  try {
    return await answer(lines, '')
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
    return /^y(?:es)?$/i.test((await answer(lines, `${what} Sign? [y/N] `)).trim())
  } finally {
    lines.close()
  }
}

/** A question whose input ends settles never by itself, and the process would end as if all had gone well. */
function answer(lines: Interface, question: string): Promise<string> {
  return new Promise((resolve, reject) => {
    lines.once('close', () => reject(new AssayError('usage', 'there was no answer', 'Run it again and type one.')))
    lines.once('SIGINT', () => {
      lines.close()
      process.kill(process.pid, 'SIGINT')
    })
    lines.question(question).then(resolve, reject)
  })
}

import { Secret } from '../../evidence/http/secret.js'
import type { SourceProblem } from '../../model/configured-source.js'
import { ENDPOINTS } from '../../model/endpoints.js'
import { parseLookupAnswer, recordLines } from '../../trust/go-checksum-database/lookup-answer.js'
import { type OpenedTreeHead, openTreeHead } from '../../trust/go-checksum-database/tree-head.js'
import type { NoteVerifier } from '../../trust/note.js'
import { curl, judgeUrl } from '../source-problems.js'
import type { KnownSource, Probe, Reading } from '../sources.js'
import type { GoSetting } from './go-setting.js'
import { WITNESS, WITNESS_SUBJECT } from './source-witness.js'
import { parseDatabaseSetting } from './verify/database-setting.js'

const REPEAT = ['go env GOSUMDB GONOSUMDB GOPRIVATE']

/** The checksum database: by which key it is believed, and through whom it is asked (spec/go.md §8.4, §9). */
export function databaseSources({ value, from }: GoSetting, proxies: readonly string[]): readonly KnownSource[] {
  const setting = parseDatabaseSetting(value)
  const shared = { role: 'checksum-database', name: 'GOSUMDB', from } as const
  if (setting.kind === 'off')
    return [
      { ...shared, meaning: 'off: new lines of go.sum are compared with nothing.', problems: [OFF], repeat: REPEAT, probes: [] },
    ]
  if (setting.kind === 'invalid') {
    const problem: SourceProblem = {
      code: 'chain-ends-nowhere',
      weight: 'unsafe',
      why: `the go command cannot use it (${setting.why})`,
      fix: 'unset GOSUMDB for the public database, or write name+hash+key, and a URL after a blank',
    }
    return [{ ...shared, meaning: 'No database that could be believed.', problems: [problem], repeat: REPEAT, probes: [] }]
  }
  const { verifier, url } = setting
  const isPublic = verifier.name === ENDPOINTS.go.checksumDatabase
  const believed = `Every new line of go.sum must be in its log, signed by the key ${verifier.name}+${verifier.keyHash}`
  const itself = url ?? `https://${verifier.name}`
  const { shown, problems } = judgeUrl(itself)
  const alternative = url === undefined ? 'go checksum database' : undefined
  const direct: KnownSource = {
    ...shared,
    url: shown,
    meaning: `${believed}.${url === undefined ? '' : ' Asked at this URL, never through a proxy.'}`,
    problems,
    repeat: [curl(`${shown.replace(/\/+$/, '')}/latest`), ...REPEAT],
    probes: databaseProbes(itself, verifier, isPublic),
    alternative,
  }
  if (url !== undefined) return [direct]
  return [...proxies.map(through), direct]

  function through(proxy: string): KnownSource {
    const base = `${proxy}/sumdb/${verifier.name}`
    const { shown: below } = judgeUrl(base)
    const supported: Probe = {
      what: 'whether it passes on the checksum database',
      address: new Secret(`${base}/supported`),
      limitBytes: 64 * 1024,
      ifAbsent: 'it does not pass on the checksum database: the next proxy is asked, then the database itself',
    }
    return {
      ...shared,
      name: `GOSUMDB through ${judgeUrl(proxy).shown}`,
      url: below,
      meaning: `${believed}; this proxy may pass its answers on, which changes nothing about who signs them.`,
      problems: [],
      repeat: [curl(`${below}/supported`), curl(`${below}/latest`)],
      probes: [supported, ...databaseProbes(base, verifier, isPublic)],
      alternative,
    }
  }
}

const OFF: SourceProblem = {
  code: 'checks-off',
  weight: 'unsafe',
  why: 'whoever serves a module for the first time decides what its hash is',
  fix: 'unset GOSUMDB, and name private modules in GOPRIVATE',
}

function databaseProbes(base: string, verifier: NoteVerifier, isPublic: boolean): readonly Probe[] {
  const bare = base.replace(/\/+$/, '')
  const head: Probe = {
    what: 'signed head of the log',
    address: new Secret(`${bare}/latest`),
    limitBytes: 1024 * 1024,
    read: (bytes) => readHead(bytes, verifier),
  }
  if (!isPublic) return [head]
  return [
    head,
    {
      what: `log line of ${WITNESS.path} ${WITNESS.version}`,
      address: new Secret(`${bare}/lookup/${WITNESS.path}@${WITNESS.version}`),
      limitBytes: 1024 * 1024,
      read: (bytes) => readLine(bytes, verifier),
      subject: WITNESS_SUBJECT,
    },
  ]
}

function readHead(bytes: Uint8Array, verifier: NoteVerifier): Reading {
  const opened = openTreeHead(bytes, verifier)
  return opened.ok ? { ok: true, remark: `signed log of ${opened.head.size} records` } : refusal(opened)
}

function readLine(bytes: Uint8Array, verifier: NoteVerifier): Reading {
  const parsed = parseLookupAnswer(bytes)
  if (!parsed.ok) return { ok: false, why: parsed.why }
  const opened = openTreeHead(parsed.answer.note, verifier)
  if (!opened.ok) return refusal(opened)
  const start = `${WITNESS.path} ${WITNESS.version}/go.mod `
  const line = recordLines(parsed.answer.record)?.find((text) => text.startsWith(start))
  return line === undefined
    ? { ok: false, why: 'its record has no line for the version' }
    : { ok: true, value: line.slice(start.length) }
}

/** A page of a portal is no log; a log that somebody else signed is another matter. */
function refusal({ reason, why }: OpenedTreeHead & { readonly ok: false }): Reading {
  if (reason !== 'note-bad-signature' && reason !== 'note-unverified') return { ok: false, why }
  return {
    ok: false,
    why,
    problem: {
      code: 'bad-signature',
      weight: 'unsafe',
      why: 'what it serves is not signed by the key that GOSUMDB names',
      fix: 'find out who answers in its place; do not switch the check off',
    },
  }
}

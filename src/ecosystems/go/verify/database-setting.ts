import { ENDPOINTS } from '../../../model/endpoints.js'
import { type NoteVerifier, parseVerifierKey } from '../../../trust/note.js'

/** Which checksum database is believed, by which key, and where it is. */
export type DatabaseSetting =
  | { readonly kind: 'off' }
  | { readonly kind: 'invalid'; readonly why: string }
  | {
      readonly kind: 'database'
      readonly verifier: NoteVerifier
      /** Where GOSUMDB says it is, without a slash at its end: then no proxy is asked on its behalf. */
      readonly url: string | undefined
    }

/** The key of the public database, as the go command has it built in (spec/go.md §9.1). */
const PUBLIC_KEY = `${ENDPOINTS.go.checksumDatabase}+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8`
/** Another address of the public database, which the go command knows by this name. */
const ALIAS = 'sum.golang.google.cn'
/** A host with a path, nothing that would change what a URL means. */
const NAME = /^[A-Za-z0-9.-]+(?::\d+)?(?:\/[A-Za-z0-9._~-]+)*$/

/** Reads a value of GOSUMDB: `name`, `name+hash+key`, then perhaps a URL; `off` (spec/go.md §8.4, §9.1). */
export function parseDatabaseSetting(value: string): DatabaseSetting {
  const fields = value.split(/\s+/).filter((field) => field !== '')
  const [first = ENDPOINTS.go.checksumDatabase, url, ...more] = fields
  if (first === 'off' && url === undefined) return { kind: 'off' }
  if (more.length > 0) return { kind: 'invalid', why: 'it has more than two fields' }
  if (first === ALIAS && url === undefined) return withKey(PUBLIC_KEY, `https://${ALIAS}`)
  return withKey(first === ENDPOINTS.go.checksumDatabase ? PUBLIC_KEY : first, url)
}

function withKey(key: string, url: string | undefined): DatabaseSetting {
  const parsed = parseVerifierKey(key)
  if (!parsed.ok) {
    const why = key.includes('+') ? parsed.why : 'only the key of the public database is known by name'
    return { kind: 'invalid', why }
  }
  const { verifier } = parsed
  if (!NAME.test(verifier.name)) return { kind: 'invalid', why: 'the name of the database is no host' }
  if (url !== undefined && !/^(?:https?|file):\/\//i.test(url)) return { kind: 'invalid', why: 'its second field is no URL' }
  return { kind: 'database', verifier: rememberingLast(verifier), url: url?.replace(/\/+$/, '') }
}

/** A log signs one head and hands it out with thousands of answers. */
function rememberingLast(verifier: NoteVerifier): NoteVerifier {
  let last: { readonly text: Buffer; readonly signature: Buffer } | undefined
  return {
    ...verifier,
    verify: (text, signature) => {
      if (last?.text.equals(text) === true && last.signature.equals(signature)) return true
      const holds = verifier.verify(text, signature)
      if (holds) last = { text: Buffer.from(text), signature: Buffer.from(signature) }
      return holds
    },
  }
}

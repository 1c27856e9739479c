import { join } from 'node:path'
import { isHexDigest } from '../../model/digest.js'
import { readSha256 } from './answer-record.js'
import { countOf } from './fields.js'
import { DAMAGED, MAX_RECORD_BYTES, RECORD_FOLDERS, type RecordFolder, recordName, STORE_FORMAT } from './layout.js'
import { readRegularFile } from './read-file.js'
import { TEMPORARY } from './replace-file.js'
import { unseal } from './seal.js'
import { filesBelow, type StoredFile } from './walk.js'

export interface SurveyedRecord extends StoredFile {
  readonly kind: RecordFolder
  /** The blob it needs; absent answers need none. */
  readonly blob: string | undefined
}

/** Everything a store holds, by what it is. */
export interface Survey {
  readonly records: readonly SurveyedRecord[]
  readonly blobs: ReadonlyMap<string, StoredFile>
  /** Records of another version of the program. */
  readonly foreign: readonly StoredFile[]
  /** Records that cannot be read. */
  readonly unreadable: readonly StoredFile[]
  /** Blobs that were moved aside. */
  readonly aside: readonly StoredFile[]
  readonly temporary: readonly StoredFile[]
}

export function survey(folder: string): Survey {
  const records: SurveyedRecord[] = []
  const foreign: StoredFile[] = []
  const unreadable: StoredFile[] = []
  const temporary: StoredFile[] = []
  const blobs = new Map<string, StoredFile>()
  const isTemporary = (file: StoredFile): boolean => file.name.startsWith(TEMPORARY) && temporary.push(file) > 0
  for (const file of filesBelow(folder, 1)) isTemporary(file)
  for (const kind of RECORD_FOLDERS) {
    for (const file of filesBelow(join(folder, kind))) {
      if (isTemporary(file) || recordName(file.name) === undefined) continue
      const read = readFields(file)
      if (read === 'foreign') foreign.push(file)
      else if (read === 'damaged') unreadable.push(file)
      else records.push({ ...file, kind, blob: read.blob })
    }
  }
  for (const file of filesBelow(join(folder, 'blobs')))
    if (!isTemporary(file) && isHexDigest('sha256', file.name)) blobs.set(file.name, file)
  return { records, blobs, foreign, unreadable, aside: [...filesBelow(join(folder, DAMAGED), 1)], temporary }
}

function readFields(file: StoredFile): { readonly blob: string | undefined } | 'foreign' | 'damaged' {
  const content = readRegularFile(file.path, MAX_RECORD_BYTES)
  if (content === undefined || content === 'too-large') return 'damaged'
  const read = unseal(Buffer.from(content.bytes).toString('utf8'), STORE_FORMAT)
  if (read.kind !== 'ok') return read.kind
  return { blob: countOf(read.fields.get('size')) === undefined ? undefined : readSha256(read.fields.get('blob')) }
}

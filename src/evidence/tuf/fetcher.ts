import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fetcher } from 'tuf-js'
import { DownloadHTTPError, DownloadLengthMismatchError } from 'tuf-js/dist/error.js'
import type { HttpClient } from '../http/http-client.js'

/** Why a mirror gave no answer. */
export interface NoMirrorAnswer {
  readonly why: string
  readonly help: string
}

/** Has the updater ask through our own client: proxies, authorities and limits are those of every other question. */
export class ClientFetcher implements Fetcher {
  /** The last thing that was not answered. The updater keeps of an error only its text. */
  noAnswer: NoMirrorAnswer | undefined

  constructor(
    readonly http: HttpClient,
    /** For files on their way. */
    readonly folder: string,
  ) {}

  async downloadBytes(url: string, maxLength: number): Promise<Buffer> {
    const outcome = await this.http.get(url, { limitBytes: maxLength, auth: 'never' })
    switch (outcome.kind) {
      case 'ok':
        return Buffer.from(outcome.bytes)
      case 'absent':
        // The updater knows by this that there is no newer root.
        throw new DownloadHTTPError('absent', 404)
      case 'refused':
        this.noAnswer = { why: `${hostOf(url)} refuses the request (${outcome.status})`, help: 'Check the URL of the mirror.' }
        throw new DownloadHTTPError('refused', 401)
      case 'unavailable':
        if (outcome.failure === 'too-large') throw new DownloadLengthMismatchError(outcome.why)
        this.noAnswer = { why: outcome.why, help: outcome.help }
        throw new Error(outcome.why)
      case 'not-modified':
      case 'mismatch':
        throw new Error('an answer to another question')
    }
  }

  async downloadFile<T>(url: string, maxLength: number, handler: (file: string) => Promise<T>): Promise<T> {
    const bytes = await this.downloadBytes(url, maxLength)
    const file = join(this.folder, `.tmp-${randomBytes(12).toString('hex')}`)
    await writeFile(file, bytes, { flag: 'wx', mode: 0o600 })
    try {
      return await handler(file)
    } finally {
      await rm(file, { force: true })
    }
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'the mirror'
}

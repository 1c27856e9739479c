import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, it } from 'vitest'

/**
 * The folder of shared test data (`ASSAY_SHARED`, default `../shared`). It is not part of the project: where it is
 * absent, tests that need it are reported as skipped.
 */
export const SHARED = resolve(process.env['ASSAY_SHARED'] ?? join(import.meta.dirname, '..', '..', '..', 'shared'))

export function sharedPath(...parts: string[]): string {
  return join(SHARED, ...parts)
}

export function hasShared(...parts: string[]): boolean {
  return existsSync(sharedPath(...parts))
}

/** `describe` that shows as skipped where the shared folder lacks the named part. */
export function describeShared(part: string, title: string, body: () => void): void {
  if (hasShared(part)) describe(title, body)
  // The body of a skipped suite would still run, and read what is not there.
  else
    describe.skip(title, () => {
      it(`needs ${part} of the shared test data, which is not here`, () => undefined)
    })
}

/** The parsed JSON of a shared file. The caller states the shape it is going to check. */
export function readSharedJson<T>(...parts: string[]): T {
  return JSON.parse(readFileSync(sharedPath(...parts), 'utf8')) as T
}

export function readSharedBytes(...parts: string[]): Uint8Array {
  return readFileSync(sharedPath(...parts))
}

export function listShared(...parts: string[]): string[] {
  return hasShared(...parts) ? readdirSync(sharedPath(...parts)).sort() : []
}

import { rm } from 'node:fs/promises'
import { readBoundedFile } from '../http/bounded-file.js'
import type { Traces } from './configuration.js'

const MAX_TRACE_BYTES = 4 * 1024 * 1024

/** What git noted about an exchange in its trace files (git, `GIT_TRACE_CURL` and `GIT_TRACE2_EVENT`). */
export interface Noted {
  /** `Location` of the last answer, if that was a redirect. */
  readonly location?: string | undefined
  /** 0, 1 or 2; undefined when no smart protocol was spoken. */
  readonly protocol?: number | undefined
  /** This git writes events. */
  readonly traced: boolean
}

/** Reads the traces and removes them. */
export async function takeTraces(traces: Traces): Promise<Noted> {
  const [http, events] = await Promise.all([traces.http, traces.events].map((path) => readBoundedFile(path, MAX_TRACE_BYTES)))
  await Promise.all([traces.http, traces.events].map((path) => rm(path, { force: true })))
  return {
    location: http?.ok === true ? redirectIn(Buffer.from(http.bytes).toString('latin1')) : undefined,
    protocol: events?.ok === true ? versionIn(Buffer.from(events.bytes).toString('latin1')) : undefined,
    traced: events?.ok === true,
  }
}

const HEADER = '<= Recv header: '

export function redirectIn(trace: string): string | undefined {
  let location: string | undefined
  for (const line of trace.split('\n')) {
    const at = line.indexOf(HEADER)
    if (at < 0) continue
    const header = line.slice(at + HEADER.length).trimEnd()
    if (/^HTTP\/[\d.]+ \d{3}/.test(header)) location = undefined
    else if (/^location:/i.test(header)) location = header.slice('location:'.length).trim()
  }
  return location
}

function versionIn(events: string): number | undefined {
  const found = /"key":"negotiated-version","value":"(\d)"/.exec(events)?.[1]
  return found === undefined ? undefined : Number(found)
}

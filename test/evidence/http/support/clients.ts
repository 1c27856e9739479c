import { onTestFinished } from 'vitest'
import { createHttpClient } from '../../../../src/evidence/http/client.js'
import type { Clock } from '../../../../src/evidence/http/clock.js'
import type { HttpClient, HttpClientOptions } from '../../../../src/evidence/http/http-client.js'
import { AUTHORITY } from './certificates.js'

/** Waits cost nothing and are written down; time moves by them, and by the test's own hand. */
export class TestClock implements Clock {
  readonly waits: number[] = []
  #now = Date.UTC(2026, 0, 1)

  now(): number {
    return this.#now
  }

  advance(ms: number): void {
    this.#now += ms
  }

  sleep(ms: number): Promise<void> {
    this.waits.push(ms)
    this.#now += ms
    // Not in the same turn: other requests get theirs, as in real waiting.
    return new Promise((resolve) => setImmediate(resolve))
  }
}

/** A client for servers of this file: trusts their authority, never waits for real, closed with the test. */
export function testClient(options: HttpClientOptions = {}): HttpClient & { readonly clock: TestClock } {
  const clock = new TestClock()
  const client = createHttpClient({
    clock,
    random: () => 0.5,
    extraAuthorities: [AUTHORITY.cert],
    ...options,
  })
  onTestFinished(() => client.close())
  return {
    clock,
    get: (url, o) => client.get(url, o),
    getText: (url, o) => client.getText(url, o),
    getJson: (url, o) => client.getJson(url, o),
    send: (request) => client.send(request),
    counters: () => client.counters(),
    close: () => client.close(),
  }
}

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readSigningConfig } from '../../../src/trust/signing/signing-config.js'

const NOW = '2026-11-28T12:00:00Z'
const from = (start: string, end?: string): object => ({ start, ...(end === undefined ? {} : { end }) })
const service = (url: string, majorApiVersion = 1, validFor: object = from('2022-01-01T00:00:00Z')): object => ({
  url,
  majorApiVersion,
  validFor,
  operator: 'example',
})
const WHOLE = {
  mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
  caUrls: [service('https://ca.example')],
  oidcUrls: [service('https://login.example')],
  rekorTlogUrls: [service('https://log.example')],
  rekorTlogConfig: { selector: 'ANY' },
  tsaUrls: [service('https://tsa.example/api/v1/timestamp')],
  tsaConfig: { selector: 'ANY' },
}

function read(change: object): string {
  const config = readSigningConfig(Buffer.from(JSON.stringify({ ...WHOLE, ...change })), NOW)
  if (!config.ok) return config.why
  const { fulcioUrl, rekor, tsaUrl } = config.services
  return `${fulcioUrl} ${rekor?.url}/v${rekor?.version} ${tsaUrl}`
}

const V2 = service('https://log2026.example', 2)

describe('a signing configuration', () => {
  const cases: readonly (readonly [string, object, string])[] = [
    ['names a service of each kind', {}, 'https://ca.example https://log.example/v1 https://tsa.example/api/v1/timestamp'],
    [
      'the newest interface that is spoken here',
      { rekorTlogUrls: [service('https://log.example'), V2, service('https://log2030.example', 3)] },
      'https://ca.example https://log2026.example/v2 https://tsa.example/api/v1/timestamp',
    ],
    [
      'what is no longer in use, or not yet, is passed over',
      {
        rekorTlogUrls: [
          service('https://old.example', 2, from('2020-01-01T00:00:00Z', '2026-11-28T11:59:59Z')),
          service('https://next.example', 2, from('2026-11-28T12:00:01Z')),
          service('https://log.example'),
        ],
      },
      'https://ca.example https://log.example/v1 https://tsa.example/api/v1/timestamp',
    ],
    [
      'of several the one that began last',
      {
        caUrls: [
          service('https://first.example', 1, from('2021-01-01T00:00:00Z')),
          service('https://second.example', 1, from('2025-01-01T00:00:00.5Z')),
        ],
      },
      'https://second.example https://log.example/v1 https://tsa.example/api/v1/timestamp',
    ],
    ['without a timestamp authority', { tsaUrls: [] }, 'https://ca.example https://log.example/v1 undefined'],
    [
      'which a log of version 2 needs',
      { tsaUrls: [], rekorTlogUrls: [V2] },
      'its log says no time, and it names no timestamp authority',
    ],
    ['without an authority', { caUrls: [] }, 'it names no authority that is in use and spoken to'],
    ['without a log', { rekorTlogUrls: [service('https://log.example', 9)] }, 'it names no log that is in use and spoken to'],
    [
      'several logs at once',
      { rekorTlogConfig: { selector: 'ALL' } },
      'rekorTlogConfig asks for more than one service (ALL), and one is used',
    ],
    [
      'another version',
      { mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.1+json' },
      'it is no signing configuration of version 0.2',
    ],
  ]
  for (const [name, change, expected] of cases) it(name, () => expect(read(change)).toBe(expected))

  it('never throws', () => {
    const field = fc.constantFrom(...Object.keys(WHOLE))
    fc.assert(fc.property(field, fc.jsonValue(), (name, value) => void read({ [name]: value })))
    expect(readSigningConfig(Buffer.from('{"a":1,"a":2}'), NOW).ok).toBe(false)
  })
})

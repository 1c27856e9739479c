import { describe, expect, it } from 'vitest'
import { parseNamedArtifact } from '../../../src/audit/oci/open-source.js'

const messageOf = (text: string): string => {
  try {
    return JSON.stringify(parseNamedArtifact(text))
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
}

describe('a name that is none', () => {
  it.each([
    'oci:bob:hunter2@registry.example/acme/app:v1',
    'oci://bob:hunter2@registry.example/acme/app',
    'oci:https://bob:hunter2@registry.example/acme/app',
    'bob:hunter2@registry.example/acme/app',
  ])('%s: the login in it is not shown', (text) => {
    expect(messageOf(text)).toMatch(
      /^(?:oci:)?(?:\/\/|https:\/\/)?registry\.example\/acme\/app(?::v1)? names nothing: it holds a login/,
    )
  })

  it.each(['oci:app@sha256:abc', 'oci:app:v1@sha256:abc', 'oci:a.example/b@sha256:abc'])('%s is shown whole', (text) => {
    expect(messageOf(text)).toContain(`${text} names nothing: the digest is not sha256`)
  })
})

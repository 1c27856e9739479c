import { expect, it } from 'vitest'
import { failureOf } from '../../../src/trust/sigstore/verdict.js'
import { PATIENCE } from '../../support/patience.js'
import { describeShared } from '../../support/shared.js'
import type { ConformanceCase, Mode } from './conformance.js'
import { CONFORMANCE, conformanceCases, extraCases, runCase } from './conformance.js'

const MODES: readonly Mode[] = ['bytes', 'digest']

/** Which check refuses each bad case, and by which name; `configuration`: a root or key that is no root or key. */
const REFUSALS: Readonly<Record<string, string>> = {
  'bundle-empty-certificate-chain_fail': 'bundle trust/bundle-malformed',
  'bundle-from-wrong-instance_fail': 'certificate trust/certificate-untrusted',
  'bundle-invalid-base64-signature_fail': 'bundle trust/bundle-malformed',
  'bundle-malformed-json_fail': 'bundle trust/bundle-malformed',
  'bundle-negative-log-index_fail': 'log trust/log-invalid',
  'bundle-unknown-version_fail': 'bundle trust/bundle-malformed',
  'bundle-with-root-cert_fail': 'bundle trust/bundle-malformed',
  'checkpoint-bad-keyhint_fail': 'log trust/log-invalid',
  'checkpoint-wrong-roothash_fail': 'log trust/log-invalid',
  'dsse-invalid-sig_fail': 'log trust/signature-invalid',
  'dsse-mismatch-envelope_fail': 'log trust/signature-invalid',
  'dsse-mismatch-sig_fail': 'log trust/signature-invalid',
  'inclusion-proof-corrupted-hash_fail': 'log trust/log-invalid',
  'incorrect-public-key_fail': 'log trust/log-invalid',
  'integrated-time-in-future_fail': 'certificate trust/certificate-expired',
  'intoto-expired-certificate_fail': 'certificate trust/certificate-expired',
  'intoto-log-entry-mismatch_fail': 'log trust/signature-invalid',
  'intoto-missing-inclusion-proof_fail': 'bundle trust/bundle-malformed',
  'intoto-set-outside-signing-cert-validity_fail': 'certificate trust/certificate-expired',
  'intoto-tsa-timestamp-outside-cert-validity_fail': 'certificate trust/certificate-expired',
  'invalid-checkpoint-signature_fail': 'log trust/log-invalid',
  'invalid-ct-key_fail': 'certificate trust/sct-missing',
  'invalid-inclusion-proof_fail': 'bundle trust/bundle-malformed',
  'managed-key-no-key_fail': 'certificate trust/key-unknown',
  'managed-key-wrong-key_fail': 'configuration',
  'message-digest-mismatch_fail': 'artifact trust/digest-mismatch',
  'rekor2-checkpoint-missing-log-signature_fail': 'bundle trust/bundle-malformed',
  'rekor2-checkpoint-missing-origin_fail': 'bundle trust/bundle-malformed',
  'rekor2-checkpoint-missing-root-hash_fail': 'log trust/log-invalid',
  'rekor2-checkpoint-missing-size_fail': 'bundle trust/bundle-malformed',
  'rekor2-checkpoint-no-matching-signature_fail': 'log trust/log-invalid',
  'rekor2-dsse-invalid-sig_fail': 'log trust/signature-invalid',
  'rekor2-dsse-mismatch-envelope_fail': 'log trust/signature-invalid',
  'rekor2-dsse-mismatch-sig_fail': 'log trust/signature-invalid',
  'rekor2-no-inclusion-proof_fail': 'bundle trust/bundle-malformed',
  'rekor2-no-timestamp_fail': 'time trust/time-missing',
  'rekor2-timestamp-outside-trust-root-tsa-validity_fail': 'time trust/time-untrusted',
  'rekor2-timestamp-outside-tsa-cert-validity_fail': 'time trust/time-untrusted',
  'rekor2-timestamp-payload-mismatch_fail': 'time trust/time-untrusted',
  'rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail': 'time trust/time-untrusted',
  'rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail': 'time trust/time-untrusted',
  'rekor2-timestamp-with-incorrect-time_fail': 'certificate trust/certificate-expired',
  'set-invalid-signature_fail': 'log trust/log-invalid',
  'signature-mismatch_fail': 'log trust/signature-invalid',
  'trust-root-tlog-missing-validity-start_fail': 'configuration',
  'wrong-hashedrekord-artifact_fail': 'log trust/signature-invalid',
  'wrong-hashedrekord-cert-and-sig_fail': 'log trust/signature-invalid',
  'wrong-hashedrekord-entry_fail': 'log trust/signature-invalid',
  'wrong-material_fail': 'artifact trust/digest-mismatch',
  'identity-wrong': 'identity trust/identity-mismatch',
  'issuer-wrong': 'identity trust/issuer-mismatch',
  'identity-is-only-a-prefix': 'identity trust/identity-mismatch',
  'identity-dot-is-not-a-wildcard': 'identity trust/identity-mismatch',
  'identity-missing': 'identity trust/identity-unconstrained',
  'issuer-missing': 'identity trust/identity-unconstrained',
  'dsse-subject-is-another-artifact': 'subject trust/attestation-other-subject',
  'dsse-rekor2-subject-is-another-artifact': 'subject trust/attestation-other-subject',
  'root-of-another-instance': 'certificate trust/certificate-untrusted',
  'no-verified-time': 'time trust/time-missing',
  'no-log-entry': 'log trust/log-missing',
  'log-key-retired-before-signing': 'log-window trust/log-window',
  'log-key-not-yet-valid': 'log-window trust/log-window',
  'log-key-without-window': 'configuration',
  'log-id-swapped-to-another-known-log': 'log trust/log-invalid',
  'checkpoint-name-is-a-pattern': 'bundle trust/bundle-malformed',
  'checkpoint-name-is-a-slow-pattern': 'bundle trust/bundle-malformed',
  'checkpoint-name-is-a-broken-pattern': 'bundle trust/bundle-malformed',
  'entry-is-null': 'bundle trust/bundle-malformed',
  'time-stamp-is-garbage': 'bundle trust/bundle-malformed',
  'time-stamp-twice': 'time trust/time-untrusted',
  'two-envelope-signatures': 'bundle trust/bundle-malformed',
  'media-type-of-a-future-version': 'bundle trust/bundle-malformed',
  'media-type-missing': 'bundle trust/bundle-malformed',
  'signature-with-junk-in-base64': 'bundle trust/bundle-malformed',
  'digest-algorithm-claim-changed': 'bundle trust/bundle-malformed',
  'wrong-public-key-given': 'configuration',
}

function table(cases: readonly ConformanceCase[]): void {
  for (const each of cases) {
    for (const mode of MODES) {
      it(`${each.name} (${mode}): ${each.expected}`, { timeout: 5000 }, async () => {
        const started = performance.now()
        const verdict = await runCase(each, mode)
        expect(performance.now() - started).toBeLessThan(1000 * PATIENCE)
        if (each.expected === 'pass') {
          if (typeof verdict === 'string') expect.unreachable(verdict)
          expect(failureOf(verdict)).toBeUndefined()
          expect(verdict.outcome).toBe('verified')
          const times = verdict.verifiedTimes.map(({ epochMs }) => new Date(epochMs).toISOString())
          if (each.verifiedTimes !== undefined) expect(times).toEqual(each.verifiedTimes)
        } else {
          const failure = typeof verdict === 'string' ? undefined : failureOf(verdict)
          expect(failure === undefined ? 'configuration' : `${failure.name} ${failure.reason}`).toBe(REFUSALS[each.name])
          if (typeof verdict !== 'string') expect(verdict.outcome).not.toBe('verified')
        }
      })
    }
  }
}

describeShared(CONFORMANCE, 'sigstore conformance suite', () => {
  const cases = conformanceCases()
  table(cases)
  it('counts 140 runs: 42 good, 98 bad', () => {
    expect(cases.length * MODES.length).toBe(140)
    expect(cases.filter(({ expected }) => expected === 'pass').length * MODES.length).toBe(42)
  })
})

describeShared(CONFORMANCE, 'cases beside the suite', () => {
  const cases = extraCases()
  table(cases)
  it('counts 30 cases, 60 runs', () => expect(cases).toHaveLength(30))
})

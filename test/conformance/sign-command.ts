import { readFileSync, writeFileSync } from 'node:fs'
import { ENDPOINTS } from '../../src/model/endpoints.js'
import { readIdentityToken } from '../../src/trust/signing/identity-token.js'
import type { SigningServices } from '../../src/trust/signing/services.js'
import { signBundle } from '../../src/trust/signing/sign.js'
import { readSigningConfig } from '../../src/trust/signing/signing-config.js'

export interface SignOptions {
  /** The token itself, as the suite hands it over; the program takes none from a command line. */
  readonly token: string
  readonly bundle: string
  readonly signingConfig?: string | undefined
  /** The file is an in-toto statement. */
  readonly inToto: boolean
  readonly file: string
}

const PUBLIC: SigningServices = {
  fulcioUrl: ENDPOINTS.sigstore.fulcio,
  rekor: { url: ENDPOINTS.sigstore.rekor, version: 1, entry: 'dsse' },
}

/** `sign-bundle` of the suite's protocol: writes the bundle, or gives the reason why there is none. */
export async function sign({ token: text, bundle, signingConfig, inToto, file }: SignOptions): Promise<string | undefined> {
  const token = readIdentityToken(text)
  if (!token.ok) return `the identity token cannot be used: ${token.why}`
  const now = `${new Date().toISOString().slice(0, 19)}Z`
  const config = signingConfig === undefined ? undefined : readSigningConfig(readFileSync(signingConfig), now)
  if (config?.ok === false) return `the signing configuration cannot be used: ${config.why}`
  const content = { kind: inToto ? 'statement' : 'message', bytes: readFileSync(file) } as const
  const signed = await signBundle(content, { kind: 'identity', token: token.token, services: config?.services ?? PUBLIC })
  if (!signed.ok) return `${signed.failure}: ${signed.why}`
  writeFileSync(bundle, signed.bundle)
  return undefined
}

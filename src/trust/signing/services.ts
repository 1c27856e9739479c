/** Where a signature gets what others need to verify it later. All optional with a key, whose signature stands alone. */
export interface SigningServices {
  /** The authority that turns an identity into a certificate. */
  readonly fulcioUrl: string
  readonly rekor?: RekorService | undefined
  /** RFC 3161 authority. A log of the second generation gives no time, so it needs one (spec/trust.md §6.1). */
  readonly tsaUrl?: string | undefined
}

/** Witnesses for a signature by a key. */
export type WitnessServices = Pick<SigningServices, 'rekor' | 'tsaUrl'>

export interface RekorService {
  readonly url: string
  readonly version: 1 | 2
  /** How a log of the first generation keeps an envelope: `dsse` (its hash) or `intoto` (the envelope itself). */
  readonly entry: 'dsse' | 'intoto'
}

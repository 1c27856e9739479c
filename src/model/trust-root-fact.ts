/**
 * A trusted root by which signatures were judged. Data: `name`, `sha256`, `from` (`file`, `tuf`, `embedded`), `confirmed` (when
 * somebody last said that it is the newest), `expires` (of what vouches for one that was fetched), `fallback` (why it takes the
 * place of one that was to be used) with `allowed` (by the settings).
 */
export const TRUST_ROOT_FACT = 'trust/root'

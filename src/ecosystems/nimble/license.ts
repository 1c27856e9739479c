/** Spellings of licences that mean one SPDX expression for certain (spec/nimble.md §9). */
const CERTAIN: ReadonlyMap<string, string> = new Map([
  ['mit', 'MIT'],
  ['mit license', 'MIT'],
  ['the mit license', 'MIT'],
  ['apache license 2.0', 'Apache-2.0'],
  ['apache license, version 2.0', 'Apache-2.0'],
  ['apache2', 'Apache-2.0'],
  ['apache 2.0', 'Apache-2.0'],
  ['apache-2.0', 'Apache-2.0'],
  ['apache-2.0 license', 'Apache-2.0'],
  ['bsd3', 'BSD-3-Clause'],
  ['bsd-3', 'BSD-3-Clause'],
  ['bsd 3-clause', 'BSD-3-Clause'],
  ['bsd-3-clause', 'BSD-3-Clause'],
  ['bsd2', 'BSD-2-Clause'],
  ['bsd-2', 'BSD-2-Clause'],
  ['bsd-2-clause', 'BSD-2-Clause'],
])

/**
 * The SPDX expression of a licence as Nim manifests and package lists write it; undefined where the spelling leaves
 * open which licence or version is meant (`BSD`, `GPL`, `GPLv3`, `GPL-3.0`) or names none (`Public Domain`).
 */
export function nimLicenseExpression(raw: string): string | undefined {
  // No spelling above is long; the split below is not linear in white space.
  if (raw.length > 200) return undefined
  const parts = raw.trim().split(/\s+or\s+|\s*\/\s*/i)
  const known = parts.map((part) => CERTAIN.get(part.trim().toLowerCase()))
  return known.every((id) => id !== undefined) ? known.join(' OR ') : undefined
}

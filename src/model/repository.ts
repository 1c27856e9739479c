/** One text for one repository. Names on github.com do not depend on case. */
export function canonicalRepository(url: string): string
export function canonicalRepository(url: string | undefined): string | undefined
export function canonicalRepository(url: string | undefined): string | undefined {
  if (url === undefined) return undefined
  const plain = url
    .replace(/^git\+/, '')
    .replace(/\/$/, '')
    .replace(/\.git$/, '')
  return /^https:\/\/github\.com\//i.test(plain) ? asciiLowerCase(plain) : plain
}

/** Only ASCII: folding more would make look-alikes equal (the Kelvin sign is no k). */
export function asciiLowerCase(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}

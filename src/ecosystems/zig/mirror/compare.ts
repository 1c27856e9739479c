import { displayUrl } from '../../../evidence/http/redact.js'
import type { CompareInput, Comparison } from '../../mirror.js'
import { namedMirror } from '../../named-mirror.js'
import type { Origin } from '../verify/claim.js'
import { originText } from '../verify/claim.js'
import { compareHash } from '../verify/compare.js'
import type { Delivered } from '../verify/package-source.js'
import { Origins, type PinnedPackage, pinnedPackage } from './origins.js'

type Said = Omit<Comparison, 'pinned' | 'source'>

/**
 * Holds packages against their hashes at each source: `origin` stands for the URLs of the manifests, a base URL for packages
 * as zig's cache and a store of assay name them, `<hash>.tar.gz`.
 */
export async function* compareZig(input: CompareInput): AsyncGenerator<Comparison> {
  const origins = new Origins(input)
  for (const component of input.components) {
    const { name, version } = component
    const pinned = { ecosystem: 'zig', name, version }
    const known = pinnedPackage(component, { ...input.sources, mirrors: [] })
    for (const { url } of input.mirrors) {
      if ('why' in known) {
        yield { kind: 'not-comparable', pinned, source: displayUrl(url), why: known.why }
        continue
      }
      const origin = originAt(url, known)
      const source = origin === undefined ? url : url === 'origin' ? originText(origin) : displayUrl(url)
      if (origin === undefined) yield { kind: 'not-comparable', pinned, source, why: 'no URL stands beside its hash' }
      else if (!input.bytes)
        yield { kind: 'not-comparable', pinned, source, why: 'a source says nothing of packages but their files' }
      else {
        const sources = url === 'origin' ? input.sources : namedMirror(input.sources, origin.url)
        const delivered = await origins.packages.deliver(origin, [known.hash], (asked) =>
          origins.reasonNotToAsk(component, asked, sources),
        )
        yield { pinned, source, ...judge(known, delivered) }
      }
    }
  }
}

function originAt(url: string, { hash, origins }: PinnedPackage): Origin | undefined {
  if (url === 'origin') return origins[0]
  return { kind: 'archive', url: `${url.replace(/\/$/, '')}/${encodeURIComponent(hash.text)}.tar.gz` }
}

function judge({ hash }: PinnedPackage, delivered: Delivered): Said {
  const expected = hash.text
  switch (delivered.kind) {
    case 'hashed': {
      const compared = compareHash(hash, delivered.hashes)
      if (compared.verdict === 'match') return { kind: 'same', expected, observed: expected }
      return { kind: 'different', expected, observed: compared.observed, why: compared.why }
    }
    case 'refused':
      return { kind: 'different', expected, why: `it serves what zig does not take: ${delivered.why}` }
    case 'mismatch':
      return { kind: 'different', expected, why: delivered.why }
    case 'no-answer': {
      const kinds = { absent: 'missing', unavailable: 'unavailable', 'not-checkable': 'not-comparable' } as const
      return { kind: kinds[delivered.verdict], expected, why: delivered.why }
    }
  }
}

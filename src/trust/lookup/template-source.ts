import type { Desk } from '../../evidence/desk/desk.js'
import { BundleCollector, foundBundle, MAX_BUNDLE_BYTES } from './found-bundle.js'
import { lookupKeys } from './lookup-key.js'
import type { LookupAnswer, LookupSource, LookupSubject } from './source.js'
import type { ParsedTemplate } from './url-template.js'
import { expandTemplate } from './url-template.js'

/** Attestations at a URL that is made for each component (spec/trust.md §3.5, source 4); the desk records what it says. */
export function templateSource(desk: Desk, template: ParsedTemplate): LookupSource {
  const source = template.shown
  return {
    name: source,
    async ask(subject: LookupSubject): Promise<LookupAnswer> {
      const urls = urlsOf(template, subject)
      if (typeof urls === 'string') return { kind: 'not-applicable', source, why: urls }
      const collected = new BundleCollector()
      for (const url of urls) {
        const [from = ''] = url.split(/[?#]/, 1)
        const answer = await desk.ask({ url, keep: 'hour', limitBytes: MAX_BUNDLE_BYTES, compressed: true })
        if (answer.kind === 'ok') collected.add(foundBundle(from, answer.bytes))
        else if (answer.kind !== 'absent')
          collected.missing(answer.kind === 'mismatch' ? 'other bytes came than were expected' : answer.why)
      }
      const { bundles, incomplete } = collected
      if (bundles.length > 0) return { kind: 'found', source, bundles, incomplete }
      return incomplete === undefined ? { kind: 'none', source } : { kind: 'unknown', source, why: incomplete }
    },
  }
}

/** One for each digest, where the template names digests. A text says why there is none. */
function urlsOf(template: ParsedTemplate, subject: LookupSubject): string[] | string {
  const byDigest = template.variables.has('digest') || template.variables.has('alg')
  const keys = byDigest ? lookupKeys(subject.anchors) : [undefined]
  if (keys.length === 0) return 'no digest is known by which it could be asked'
  const expanded = keys.map((key) => expandTemplate(template, subject, key))
  const urls = expanded.flatMap((one) => (typeof one === 'string' ? [] : [one.url]))
  return urls.length > 0 ? [...new Set(urls)] : (expanded.find((one) => typeof one === 'string') ?? 'it gives no URL')
}

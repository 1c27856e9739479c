import { componentLabel } from '../model/component.js'
import type { Replacement, ReplacementEnd } from '../model/graph.js'
import { formatLocation } from '../model/location.js'
import { sourceKey } from '../model/source.js'
import { publicSource } from './clean.js'

/** One line of the ledger of replacements, for a document: `kind: original → replacement (file:line:column)`. */
export function replacementText({ kind, original, replacement, location }: Replacement): string {
  const to = replacement === undefined ? 'nothing' : endText(replacement)
  return `${kind}: ${endText(original)} → ${to} (${formatLocation(location)})`
}

function endText({ name, version, source }: ReplacementEnd): string {
  const label = name === undefined ? '' : componentLabel({ name, version })
  const from = source === undefined ? '' : sourceKey(publicSource(source))
  return [label, from].filter((part) => part !== '').join(' from ') || 'everything'
}

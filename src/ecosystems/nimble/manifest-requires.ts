import { SourceText } from '../../syntax/text.js'
import { ManifestDraft } from './manifest-draft.js'
import type { Manifest } from './manifest-model.js'

/** Adds the requirements of a file named `requires` beside the manifest: one a line, `#` begins a comment (spec/nimble.md §2.2). */
export function withRequiresFile(manifest: Manifest, text: string, path: string): Manifest {
  const source = new SourceText(path, text)
  const draft = new ManifestDraft()
  for (let number = 1; number <= source.lineStarts.length; number++) {
    const line = source.line(number)
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    const start = (source.lineStarts[number - 1] ?? 0) + line.indexOf(trimmed)
    draft.require(trimmed, source.locate(start, start + trimmed.length))
  }
  return { ...manifest, requires: [...manifest.requires, ...draft.requires], flags: [...manifest.flags, ...draft.flags] }
}

import { artifactJson } from '../formats/artifact-json.js'
import { artifactText } from '../formats/artifact-text.js'
import type { ArtifactReport } from '../model/artifact-report.js'
import type { Style } from '../model/style.js'

/** A report about an artifact as it is printed. */
export function artifactDocument(
  format: 'text' | 'json',
  report: ArtifactReport,
  style: Style,
  verbose: boolean,
): Iterable<string> {
  return format === 'json' ? artifactJson(report) : artifactText(report, style, verbose)
}

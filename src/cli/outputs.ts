import { AssayError } from '../model/error.js'

/** Splits `format=file` of `-o`. Throws `usage`. */
export function splitOutput(text: string): { readonly format: string; readonly path: string } {
  const mark = text.indexOf('=')
  const format = text.slice(0, Math.max(mark, 0))
  const path = text.slice(mark + 1)
  if (mark < 0 || format === '' || path === '')
    throw new AssayError(
      'usage',
      `-o ${text} names no format`,
      'Write it as format=file, e.g. -o cyclonedx-1.6-json=bom.cdx.json.',
    )
  return { format, path }
}

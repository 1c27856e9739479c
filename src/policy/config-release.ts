import type { ReleaseImage, ReleaseSettings } from '../model/release-settings.js'
import { resolvePath } from '../model/tree.js'
import type { TomlDocument } from '../syntax/toml.js'
import type { ConfigProblem } from './config-problem.js'
import type { TrustChecks } from './config-trust.js'
import { table, texts } from './toml-values.js'

/** The `[release]` table, whose shape the schema has checked; what is published adds up over the files that are extended. */
export function releaseSettings(
  document: TomlDocument,
  below: ReleaseSettings,
  { parseReference }: Pick<TrustChecks, 'parseReference'>,
  problems: ConfigProblem[],
): ReleaseSettings {
  const own = table(document.value['release'])
  const images = texts(own?.['images']).flatMap((reference, i): ReleaseImage[] => {
    const location = document.locate(['release', 'images', i])
    const parsed = parseReference(reference)
    if (parsed.ok) return [{ reference, location }]
    problems.push({ location, message: `${reference} names nothing: ${parsed.why}` })
    return []
  })
  const sboms = texts(own?.['sboms']).flatMap((written, i) => {
    const path = resolvePath('.', written)
    if (path !== undefined && path !== '.') return [path]
    problems.push({
      location: document.locate(['release', 'sboms', i]),
      message: `${written} is no file of the repository; write its path from the top, with /`,
    })
    return []
  })
  return { images: [...below.images, ...images], sboms: [...below.sboms, ...sboms] }
}

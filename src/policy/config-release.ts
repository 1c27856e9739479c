import type { ReleaseSettings } from '../model/release-settings.js'
import { resolvePath } from '../model/tree.js'
import type { TomlDocument } from '../syntax/toml.js'
import type { ConfigProblem } from './config-problem.js'
import { table, texts } from './toml-values.js'

/** The `[release]` table, whose shape the schema has checked; what is published adds up over the files that are extended. */
export function releaseSettings(document: TomlDocument, below: ReleaseSettings, problems: ConfigProblem[]): ReleaseSettings {
  const own = table(document.value['release'])
  const images = texts(own?.['images']).map((reference, i) => ({
    reference,
    location: document.locate(['release', 'images', i]),
  }))
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

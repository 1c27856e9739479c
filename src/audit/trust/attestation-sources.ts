import { basename } from 'node:path'
import { reasonNotToAsk } from '../../ecosystems/whom-to-ask.js'
import type { Desk } from '../../evidence/desk/desk.js'
import { systemClock } from '../../evidence/http/clock.js'
import { openFolder } from '../../evidence/open-input.js'
import type { Component } from '../../model/component.js'
import { AssayError } from '../../model/error.js'
import type { Settings } from '../../model/rule.js'
import { LOCAL_SOURCE } from '../../model/signature-fact.js'
import type { TrustBook } from '../../policy/trust-match.js'
import { folderSource } from '../../trust/lookup/folder.js'
import { githubSource } from '../../trust/lookup/github-source.js'
import { recordedSource } from '../../trust/lookup/recorded-source.js'
import type { LookupSource } from '../../trust/lookup/source.js'
import { templateSource } from '../../trust/lookup/template-source.js'
import { parseUrlTemplate } from '../../trust/lookup/url-template.js'
import { githubOf } from './github-instance.js'

/** Where signatures of components are looked for, as the settings say; opened once. */
export class AttestationSources {
  readonly #folders: readonly LookupSource[]
  readonly #templates = new Map<string, LookupSource>()
  readonly #github: { readonly source: LookupSource; readonly api: string } | undefined

  /**
   * Throws `configuration` for a folder that is not there, where offline what was recorded of it counts, and for a
   * `GITHUB_API_URL` that is none where GitHub is to be asked.
   */
  constructor(
    readonly book: TrustBook,
    readonly allowed: Settings['sources'],
    desk: Desk,
    environment: ReadonlyMap<string, string>,
  ) {
    const now = (): number => systemClock.now()
    const used = new Set<string>()
    this.#folders = book.settings.folders.map((path) => {
      // Reports and records are the same on every machine: the folder's own name, and which of that name it is.
      let name = basename(path)
      for (let count = 2; used.has(name); count += 1) name = `${basename(path)} (${count})`
      used.add(name)
      return recordedSource(folderAt(path, name, desk.offline), { desk, place: 'local', keep: 'run', now })
    })
    for (const { url } of book.settings.templates) {
      const parsed = parseUrlTemplate(url)
      if (parsed.ok) this.#templates.set(url, templateSource(desk, parsed.template))
    }
    if (book.settings.github.length === 0 && !book.settings.githubForRequired) return
    const instance = githubOf(Object.fromEntries(environment))
    const github = recordedSource(githubSource({ desk, ...instance }), { desk, place: 'remote', keep: 'hour', now })
    this.#github = { source: github, api: instance.api }
  }

  /** In the order of spec/trust.md §3.5. What must not be told about a component is not asked. */
  sourcesFor(component: Component): readonly LookupSource[] {
    const templates = new Map(this.book.templatesFor(component).map(({ url }) => [url, this.#templates.get(url)]))
    return [
      ...this.#folders,
      ...[...templates].flatMap(([url, source]) => (source === undefined ? [] : this.#ifAllowed(source, url, component))),
      ...(this.#github !== undefined && this.book.asksGithub(component)
        ? [this.#ifAllowed(this.#github.source, this.#github.api, component)]
        : []),
    ]
  }

  #ifAllowed(source: LookupSource, url: string, { ecosystem, name }: Component): LookupSource {
    const [origin = ''] = /^https?:\/\/[^/]+\//.exec(`${url}/`) ?? []
    const why = reasonNotToAsk({ ecosystem, names: [name] }, origin, this.allowed)
    return why === undefined
      ? source
      : { name: source.name, ask: () => Promise.resolve({ kind: 'not-applicable', source: source.name, why }) }
  }
}

function folderAt(path: string, name: string, offline: boolean): LookupSource {
  try {
    return folderSource(openFolder(path), name)
  } catch (error) {
    if (!(error instanceof AssayError)) throw error
    if (!offline)
      throw new AssayError(
        'configuration',
        `the attestations of [trust] cannot be read: ${error.message}`,
        'Check the path: it counts from the assay.toml that names it.',
        { cause: error },
      )
  }
  const source = `${LOCAL_SOURCE}${name}`
  const why = 'the folder is not on this machine, and nothing is recorded of what it held'
  return { name: source, ask: () => Promise.resolve({ kind: 'unknown', source, why }) }
}

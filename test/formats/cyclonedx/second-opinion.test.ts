import { createHash } from 'node:crypto'
import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library'
import { describe, expect, it } from 'vitest'
import type { Component, LicenseClaim } from '../../../src/model/component.js'
import type { ArtifactDigest } from '../../../src/model/digest.js'
import type { DocumentInput, Party } from '../../../src/model/document.js'
import type { Json } from '../support/documents.js'
import { object, rows, writeJson } from '../support/documents.js'
import { RICH_INPUT, SMALL_INPUT } from '../support/rich.js'
import type { CycloneDxName } from '../support/schemas.js'
import { CYCLONEDX_VERSIONS } from '../support/schemas.js'

/**
 * The same BOM a second time: built from the graph by the rules of spec/sbom.md §1.3 with the models of
 * `@cyclonedx/cyclonedx-library`, and written by its normaliser. Both must agree on every field that the library models.
 */
const SPECS = { '1.4': Spec.Spec1dot4, '1.5': Spec.Spec1dot5, '1.6': Spec.Spec1dot6, '1.7': Spec.Spec1dot7 }
const ALGORITHMS = {
  md5: Enums.HashAlgorithm.MD5,
  sha1: Enums.HashAlgorithm['SHA-1'],
  sha256: Enums.HashAlgorithm['SHA-256'],
  sha384: Enums.HashAlgorithm['SHA-384'],
  sha512: Enums.HashAlgorithm['SHA-512'],
}
const { ComponentScope, ComponentType, ExternalReferenceType, LicenseAcknowledgement } = Enums

class Second {
  readonly bom = new Models.Bom({ version: 1 })
  readonly #refs = new Map<string, Models.Component>()

  constructor(
    readonly input: DocumentInput,
    readonly version: CycloneDxName,
    /** What the library can carry and not make: the serial number and the properties. */
    readonly first: Json,
  ) {
    const { metadata } = this.bom
    const { info, tool } = input
    this.bom.serialNumber = String(first['serialNumber'])
    metadata.timestamp = new Date(input.timestamp)
    metadata.lifecycles.add(Enums.LifecyclePhase.PreBuild)
    if (version === '1.4') metadata.tools.tools.add(new Models.Tool({ vendor: 'assay', ...tool }))
    else {
      const supplier = version === '1.5' ? { supplier: new Models.OrganizationalEntity({ name: 'assay' }) } : {}
      metadata.tools.components.add(
        new Models.Component(ComponentType.Application, tool.name, { bomRef: 'tool:assay', version: tool.version, ...supplier }),
      )
    }
    const organisation = version === '1.4' || version === '1.5' ? [info.manufacturer] : []
    for (const party of [...organisation, ...info.authors]) if (party !== undefined) metadata.authors.add(contact(party))
    if (info.supplier !== undefined) metadata.supplier = entity(info.supplier)
    metadata.licenses.add(new Models.SpdxLicense('CC0-1.0'))
    for (const one of properties(object(first['metadata']))) metadata.properties.add(one)
    this.#components()
  }

  #components(): void {
    const { graph, info, includeInactive } = this.input
    const written = graph.components.filter((one) => includeInactive || one.scopes.join() !== 'inactive')
    const roots = graph.graph.projects.flatMap((project) => project.roots)
    const own = roots.length === 1 ? written.find((one) => one.id === roots[0] && one.name === info.subject.name) : undefined
    for (const component of written) {
      const made = this.#component(component, written)
      this.#refs.set(component.id, made)
      if (component !== own) this.bom.components.add(made)
    }
    const subject = own === undefined ? this.#subject() : this.#refs.get(own.id)
    if (subject === undefined) throw new RangeError('no subject')
    if (info.supplier !== undefined) subject.supplier = entity(info.supplier)
    this.bom.metadata.component = subject
    if (own === undefined) for (const id of roots) this.#depend(subject, id)
    for (const edge of graph.graph.edges) {
      const from = this.#refs.get(edge.from)
      if (from !== undefined) this.#depend(from, edge.to)
    }
  }

  #depend(from: Models.Component, to: string): void {
    const target = this.#refs.get(to)
    if (target !== undefined) from.dependencies.add(target.bomRef)
  }

  #subject(): Models.Component {
    const { name, version } = this.input.info.subject
    // The purl type github folds its case.
    const purl = this.input.info.subject.purl?.toLowerCase()
    return new Models.Component(ComponentType.Application, name, optional({ bomRef: purl ?? `root:${name}`, version, purl }))
  }

  #component(component: Component, all: readonly Component[]): Models.Component {
    const alone = all.filter((one) => one.purl === component.purl).length === 1
    const label = component.version === undefined ? component.name : `${component.name}@${component.version}`
    const digest = createHash('sha256').update(component.id).digest('hex').slice(0, 12)
    const bomRef = component.purl !== undefined && alone ? component.purl : `${component.ecosystem}:${label}:${digest}`
    const made = new Models.Component(
      component.type === 'library' ? ComponentType.Library : ComponentType.Application,
      component.name,
      {
        bomRef,
        ...optional({
          version: component.version,
          purl: component.purl,
          description: component.description?.replace(/\s+/g, ' '),
          scope: scope(component),
          author: this.version < '1.6' ? component.authors?.join(', ') : undefined,
        }),
      },
    )
    const artifacts = component.claims.flatMap(({ digest }) => (digest.of === 'artifact' ? [digest] : []))
    const archive = component.source.kind === 'archive'
    const proxied = component.source.kind === 'registry' && component.source.protocol === 'go-proxy'
    if (!archive && !proxied) for (const [algorithm, value] of hashes(artifacts)) made.hashes.set(algorithm, value)
    for (const license of licenses(component.licenses, this.version)) made.licenses.add(license)
    const found = component.licenses.filter((claim) => claim.kind === 'found')
    if (found.length > 0) {
      made.evidence = new Models.ComponentEvidence()
      const mixed = this.version !== '1.7' && found.length > 1
      for (const claim of found)
        made.evidence.licenses.add(mixed && isExpression(claim) ? new Models.NamedLicense(claim.raw) : license(claim, undefined))
    }
    for (const reference of this.#references(component, artifacts)) made.externalReferences.add(reference)
    const row = [object(object(this.first['metadata'])['component']), ...rows(this.first['components'])].find(
      (one) => one['bom-ref'] === bomRef,
    )
    for (const one of properties(row ?? {})) made.properties.add(one)
    return made
  }

  #references({ source, homepage, repository }: Component, artifacts: readonly ArtifactDigest[]): Models.ExternalReference[] {
    const found: Models.ExternalReference[] = []
    const bare = (url: string): { url: string; cut: boolean } => {
      const parsed = new URL(url.replace(/^git@([^:]+):/, 'ssh://$1/'))
      const cut = parsed.search !== ''
      parsed.username = parsed.password = parsed.search = ''
      return { url: parsed.href, cut }
    }
    if (source.kind === 'git' || source.kind === 'vcs') {
      const commit = source.kind === 'git' ? source.commit : source.revision
      found.push(
        new Models.ExternalReference(
          bare(source.url).url,
          ExternalReferenceType.VCS,
          commit === undefined ? {} : { comment: `commit ${commit}` },
        ),
      )
    } else if (repository !== undefined) found.push(new Models.ExternalReference(repository, ExternalReferenceType.VCS))
    if (source.kind === 'archive') {
      const { url, cut } = bare(source.url)
      const more = { hashes: new Models.HashDictionary(hashes(artifacts)), ...(cut ? { comment: 'without its query' } : {}) }
      found.push(new Models.ExternalReference(url, ExternalReferenceType.Distribution, more))
      if (this.version >= '1.6') found.push(new Models.ExternalReference(url, ExternalReferenceType.SourceDistribution, more))
    }
    if (homepage !== undefined) found.push(new Models.ExternalReference(homepage, ExternalReferenceType.Website))
    return found
  }

  write(): Json {
    const normalised = new Serialize.JSON.Normalize.Factory(SPECS[this.version])
      .makeForBom()
      .normalize(this.bom, { sortLists: true })
    const parsed: Json = JSON.parse(JSON.stringify(normalised))
    return parsed
  }
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> }
/** Without the fields that are undefined: the library's options take none. */
function optional<T extends Record<string, unknown>>(fields: T): Present<T> {
  const kept: Present<T> = {}
  for (const key in fields) {
    const value = fields[key]
    if (value !== undefined) Object.assign(kept, { [key]: value })
  }
  return kept
}

function contact({ name, email }: Party): Models.OrganizationalContact {
  return new Models.OrganizationalContact(optional({ name, email }))
}

function entity({ name, url, email }: Party): Models.OrganizationalEntity {
  const made = new Models.OrganizationalEntity({ name, url: new Set(url === undefined ? [] : [url]) })
  if (email !== undefined) made.contact.add(new Models.OrganizationalContact({ email }))
  return made
}

function scope({ scopes, firstParty }: Component): Enums.ComponentScope | undefined {
  if (firstParty || scopes.includes('runtime')) return ComponentScope.Required
  if (scopes.includes('unknown')) return undefined
  return scopes.join() === 'inactive' ? ComponentScope.Optional : ComponentScope.Excluded
}

/** One value an algorithm; of two that differ none. */
function hashes(artifacts: readonly ArtifactDigest[]): [Enums.HashAlgorithm, string][] {
  return Object.entries(ALGORITHMS).flatMap(([name, algorithm]): [Enums.HashAlgorithm, string][] => {
    const values = new Set(artifacts.filter((one) => one.algorithm === name).map((one) => one.value))
    const [value] = values
    return value !== undefined && values.size === 1 ? [[algorithm, value]] : []
  })
}

function isExpression({ expression }: LicenseClaim): boolean {
  return expression !== undefined && (/ |LicenseRef-/.test(expression) || expression === 'MVT-1.1')
}

function license(claim: LicenseClaim, acknowledgement: Enums.LicenseAcknowledgement | undefined): Models.License {
  const more = optional({ acknowledgement })
  if (isExpression(claim)) return Object.assign(new Models.LicenseExpression(claim.expression ?? ''), more)
  if (claim.expression !== undefined) return new Models.SpdxLicense(claim.expression, more)
  const [title] = claim.raw.split('\r\n')
  const text = claim.raw.includes('\n')
    ? { text: new Models.Attachment(claim.raw.replaceAll('\r', '').replace('\u0007', '\\u0007'), { contentType: 'text/plain' }) }
    : {}
  return new Models.NamedLicense(title ?? '', { ...more, ...text })
}

function licenses(claims: readonly LicenseClaim[], version: CycloneDxName): Models.License[] {
  const stated = claims.filter((claim) => claim.kind !== 'found' && claim.raw !== 'NOASSERTION')
  const concluded = stated.filter((claim) => claim.kind === 'concluded')
  const strongest = concluded.length > 0 ? concluded : stated
  if (version < '1.6') return strongest.map((claim) => license(claim, undefined))
  const written = version === '1.6' && stated.some(isExpression) ? strongest : stated
  return written.map((claim) =>
    license(claim, claim.kind === 'concluded' ? LicenseAcknowledgement.Concluded : LicenseAcknowledgement.Declared),
  )
}

function properties(holder: Json): Models.Property[] {
  return rows(holder['properties']).map((one) => new Models.Property(String(one['name']), String(one['value'])))
}

const NOT_MODELLED = new Set([
  '$schema',
  'compositions',
  'annotations',
  'manufacturer',
  'authors',
  'pedigree',
  'identity',
  'occurrences',
])

/** Without what the library cannot hold, and with lists in one order: its own is the locale's. `dependsOn: []` is its absence. */
function comparable(value: unknown, where = ''): unknown {
  if (Array.isArray(value))
    return value.map((item) => comparable(item, where)).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  if (typeof value !== 'object' || value === null) return where === 'timestamp' ? new Date(String(value)).toISOString() : value
  const kept = Object.entries(value)
    .filter(([key]) => !NOT_MODELLED.has(key) || (key === 'authors' && where === 'metadata'))
    .map(([key, item]): [string, unknown] => [key, comparable(item, key)])
    .filter(([key, item]) => !(Array.isArray(item) && item.length === 0 && key !== 'components'))
    .filter(([key, item]) => !(key === 'evidence' && JSON.stringify(item) === '{}'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(kept)
}

/** A component with several statements of which one is an expression: legal in 1.7, and the library writes only the first. */
const dropsExpression = (one: Json): boolean =>
  rows(one['licenses']).length > 1 && rows(one['licenses']).some((row) => 'expression' in row)

describe.each(CYCLONEDX_VERSIONS)('CycloneDX %s against the library', (version) => {
  describe.each([
    ['rich', RICH_INPUT],
    ['inactive', { ...RICH_INPUT, includeInactive: true }],
    ['small', SMALL_INPUT],
  ] as const)('%s graph', async (title, input) => {
    const first = await writeJson(`cyclonedx-${version}-json`, input)
    const second = new Second(input, version, first).write()

    it('agrees on the head and the metadata', () => {
      for (const field of ['bomFormat', 'specVersion', 'serialNumber', 'version'])
        expect([field, second[field]]).toEqual([field, first[field]])
      expect(comparable(first['metadata'], 'metadata')).toEqual(comparable(second['metadata'], 'metadata'))
    })

    it('agrees on every component', () => {
      const refs = (document: Json): unknown[] => rows(document['components']).map((one) => one['bom-ref'])
      expect(refs(first).sort()).toEqual(refs(second).sort())
      let dropped = 0
      for (const one of rows(first['components'])) {
        const other = rows(second['components']).find((candidate) => candidate['bom-ref'] === one['bom-ref']) ?? {}
        const known = new Set<string>()
        if (dropsExpression(one)) {
          dropped += 1
          known.add('licenses')
        }
        // Found licences of one component mix too.
        const evidence = one['evidence'] === undefined ? {} : object(one['evidence'])
        if (dropsExpression(evidence)) known.add('evidence')
        const without = (row: Json): Json => Object.fromEntries(Object.entries(row).filter(([key]) => !known.has(key)))
        expect(comparable(without(one))).toEqual(comparable(without(other)))
      }
      expect(dropped).toBe(version === '1.7' && title !== 'small' ? 1 : 0)
    })

    it('agrees on every edge; the library cannot say that nothing is known', () => {
      const mine = rows(first['dependencies'])
      const others = rows(second['dependencies'])
      for (const one of mine) {
        const other = others.find((candidate) => candidate['ref'] === one['ref'])
        expect([one['ref'], other?.['dependsOn'] ?? []]).toEqual([one['ref'], one['dependsOn']])
      }
      const unknown = others.filter((other) => !mine.some((one) => one['ref'] === other['ref']))
      expect(unknown.filter((other) => other['dependsOn'] !== undefined)).toEqual([])
    })
  })
})

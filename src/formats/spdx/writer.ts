import { createHash } from 'node:crypto'
import type { Component, ComponentId, EdgeKnowledge } from '../../model/component.js'
import type { DocumentInput, DocumentWriter, LeftOut, Written } from '../../model/document.js'
import type { Finding } from '../../model/finding.js'
import type { Edge, EdgeKind } from '../../model/graph.js'
import { clean } from '../clean.js'
import { broken } from '../invariants.js'
import type { Json, WrittenRow } from '../json-element.js'
import { jsonArray, jsonElement, jsonRows, writtenRow } from '../json-element.js'
import { partyText } from '../people.js'
import { replacementText } from '../replacement-text.js'
import type { SbomModel } from '../sbom-model.js'
import { compareTexts, idDigest, sbomModel } from '../sbom-model.js'
import { documentUuid } from '../uuid.js'
import { verificationCoverage } from '../verification-coverage.js'
import { checkSpdx } from './check.js'
import type { PackageContext } from './package.js'
import { assayAnnotation, ExtractedLicenses, findingAnnotation, purlReference, spdxPackage } from './package.js'

const DOCUMENT = 'SPDXRef-DOCUMENT'
/** The list that `spdx-license-ids` of this build was made from. */
const LICENSE_LIST_VERSION = '3.29'

/** SPDX 2.3 as JSON (spec/sbom.md §2.1 to §2.7). */
export const spdx23Writer: DocumentWriter = {
  name: 'spdx-2.3-json',
  title: 'SPDX 2.3 JSON',
  mediaType: 'application/spdx+json',
  fileName: 'bom.spdx.json',
  write: (input) => new SpdxDocument(input).write(),
}

class SpdxDocument {
  readonly #model: SbomModel
  readonly #ids = new Map<ComponentId, string>()
  readonly #rootId: string
  readonly #findings = new Map<ComponentId, Finding[]>()

  constructor(readonly input: DocumentInput) {
    this.#model = sbomModel(input)
    const own = this.#model.subject.component
    for (const component of own === undefined ? this.#model.components : [own, ...this.#model.components])
      this.#ids.set(component.id, packageId(component))
    const { name, version } = this.#model.subject
    const hash = createHash('sha256')
      .update(`${name}\n${version ?? ''}`)
      .digest('hex')
      .slice(0, 8)
    this.#rootId = own === undefined ? `SPDXRef-Package-root-${idPart(name)}-${idPart(version ?? '')}-${hash}` : this.#id(own.id)
    for (const finding of input.verdict?.findings ?? []) {
      if (finding.component === undefined || !this.#ids.has(finding.component)) continue
      const known = this.#findings.get(finding.component)
      if (known === undefined) this.#findings.set(finding.component, [finding])
      else known.push(finding)
    }
  }

  write(): Written {
    const licenses = new ExtractedLicenses()
    const packages = this.#packages(licenses).map(writtenRow)
    const relationships = this.#relationships().map(writtenRow)
    const annotations = this.#documentAnnotations()
    const creation = this.#creationInfo()
    const { name, version } = this.#model.subject
    const title = clean(version === undefined ? name : `${name}-${version}`)
    const parts = { packages, relationships, licenses: licenses.rows(), annotations, creation }
    const head = `{\n  "spdxVersion": "SPDX-2.3",\n  "dataLicense": "CC0-1.0",\n  "SPDXID": "${DOCUMENT}",\n  "name": ${jsonElement(title, '')},\n`
    const body = [...documentBody(parts)]
    // Made from all other text of the document, so that it can only be known at the end.
    const namespace = `https://spdx.org/spdxdocs/${encodeURIComponent(title)}-${documentUuid([head, ...body])}`
    checkSpdx({ ...parts, documentId: DOCUMENT, namespace })
    const leftOut = [...this.#model.leftOut, ...this.#contactUrls()]
    return { chunks: [head, `  "documentNamespace": ${JSON.stringify(namespace)},\n`, ...body], leftOut }
  }

  /** An organisation or person has a name and a mail address in SPDX 2, nothing else. */
  #contactUrls(): LeftOut[] {
    const { authors, manufacturer, supplier } = this.input.info
    const named = new Set([...authors, manufacturer, supplier].flatMap((party) => (party?.url === undefined ? [] : [party.name])))
    return [...named].map((subject) => ({ subject, what: 'the URL', why: 'SPDX 2.3 has a name and a mail address for a party' }))
  }

  #creationInfo(): Json {
    const { info, timestamp, tool } = this.input
    const creators = [
      ...(info.manufacturer === undefined ? [] : [`Organization: ${partyText(info.manufacturer)}`]),
      ...info.authors.map((party) => `Person: ${partyText(party)}`),
      `Tool: ${tool.name}-${tool.version}`,
    ]
    const { files } = this.input.graph.graph
    const read = files.filter((file) => file.state === 'read').length
    const unread = files.filter((file) => file.state === 'unreadable' || file.state === 'partial').length
    const comment = `SBOM Type: Source. Made from ${read} manifests and lockfiles${unread === 0 ? '' : `; ${unread} could not be read whole, so components are missing`}.`
    return { created: timestamp, creators, licenseListVersion: LICENSE_LIST_VERSION, comment }
  }

  /** About no package: the replacements that none stands for, and findings about a file, a setting, the whole. */
  #documentAnnotations(): Json[] {
    const replacements = this.#model.otherReplacements.map(replacementText)
    const findings = (this.input.verdict?.findings ?? []).filter(
      (finding) => finding.component === undefined || !this.#ids.has(finding.component),
    )
    return [
      ...verifiedAnnotation(this.input),
      ...(replacements.length === 0 ? [] : [assayAnnotation('replacements', { replacements }, this.input)]),
      ...findings.sort(compareFindings).map((finding) => findingAnnotation(finding, this.input)),
    ]
  }

  #packages(licenses: ExtractedLicenses): Json[] {
    const { subject, components } = this.#model
    const { supplier } = this.input.info
    const rows = components.map((component) => spdxPackage(component, this.#id(component.id), this.#context(component, licenses)))
    const { component, name, version, purl } = subject
    if (component !== undefined) {
      const described = { ...component, name, version: version ?? component.version, purl: purl ?? component.purl }
      return [spdxPackage(described, this.#rootId, { ...this.#context(component, licenses), supplier }), ...rows]
    }
    const root: Json = {
      SPDXID: this.#rootId,
      name: clean(name),
      ...(version === undefined ? {} : { versionInfo: clean(version) }),
      supplier: supplier === undefined ? 'NOASSERTION' : `Organization: ${partyText(supplier)}`,
      downloadLocation: 'NOASSERTION',
      filesAnalyzed: false,
      licenseConcluded: 'NOASSERTION',
      licenseDeclared: 'NOASSERTION',
      copyrightText: 'NOASSERTION',
      primaryPackagePurpose: 'APPLICATION',
      ...(purl === undefined ? {} : { externalRefs: [purlReference(purl)] }),
    }
    return [root, ...rows]
  }

  #context(component: Component, licenses: ExtractedLicenses): PackageContext {
    return {
      input: this.input,
      licenses,
      replaces: this.#model.replacementsOf(component.id),
      evidence: this.#model.evidenceOf(component.id),
      findings: (this.#findings.get(component.id) ?? []).sort(compareFindings),
    }
  }

  /** Every edge with its kind; a known leaf says NONE, an unknown one NOASSERTION. */
  #relationships(): Json[] {
    const { subject, components, roots, subjectKnowledge } = this.#model
    const rows: Json[] = [relationship(DOCUMENT, 'DESCRIBES', this.#rootId)]
    const own = subject.component
    const fromRoot =
      own === undefined ? roots.map((root) => relationship(this.#rootId, 'DEPENDS_ON', this.#id(root))) : this.#edgeRows(own.id)
    rows.push(...withKnowledge(this.#rootId, fromRoot, subjectKnowledge))
    if (own !== undefined) rows.push(...this.#originals(own.id))
    for (const { id, edges } of components)
      rows.push(...withKnowledge(this.#id(id), this.#edgeRows(id), edges), ...this.#originals(id))
    return rows
  }

  #edgeRows(id: ComponentId): Json[] {
    return this.#model.edgesOf(id).flatMap((edge) => edgeRelationships(edge, this.#id(id), this.#id(edge.to)))
  }

  /** What it replaces, where that is in the document itself; a package made for it alone would be taken for a dependency. */
  #originals(id: ComponentId): Json[] {
    const originals = this.#model.replacementsOf(id).flatMap(({ original }) => {
      const found = original.component === undefined || original.component === id ? undefined : this.#ids.get(original.component)
      return found === undefined ? [] : [found]
    })
    return [...new Set(originals)].sort().map((original) => relationship(this.#id(id), 'DESCENDANT_OF', original))
  }

  #id(id: ComponentId): string {
    const found = this.#ids.get(id)
    if (found === undefined) throw broken(`a relationship to ${id}, which is no package`)
    return found
  }
}

/** How many components of each ecosystem somebody vouches for; nothing where nobody was asked. */
function verifiedAnnotation(input: DocumentInput): Json[] {
  if (input.evidence.length === 0) return []
  const coverage = verificationCoverage(input.graph.graph, input.evidence)
  return [
    assayAnnotation(
      'verified',
      { ecosystems: coverage.map(({ ecosystem, total, components }) => ({ ecosystem, verified: components.match, of: total })) },
      input,
    ),
  ]
}

/** `*_OF` reads from the dependency to what needs it: the other way round than DEPENDS_ON. */
const REVERSED: Readonly<Record<Exclude<EdgeKind, 'runtime' | 'unknown'>, string>> = {
  build: 'BUILD_DEPENDENCY_OF',
  dev: 'DEV_DEPENDENCY_OF',
  test: 'TEST_DEPENDENCY_OF',
  tool: 'DEV_TOOL_OF',
}

/** One row a kind; what it depends on, and when, where the type does not say it, is the comment. */
function edgeRelationships(edge: Edge, from: string, to: string): Json[] {
  const target = edge.target === undefined ? undefined : `only for ${edge.target}`
  const rows = edge.kinds.map((kind) => {
    if (kind === 'runtime') return relationship(from, 'DEPENDS_ON', to, target)
    if (kind !== 'unknown') return relationship(to, REVERSED[kind], from, target)
    return relationship(from, 'DEPENDS_ON', to, ['what for is not known', target].filter((part) => part !== undefined).join('; '))
  })
  if (edge.optional === true) rows.push(relationship(to, 'OPTIONAL_DEPENDENCY_OF', from, target))
  return rows
}

/** A known leaf has NONE, what may have more than is written NOASSERTION. */
function withKnowledge(from: string, rows: readonly Json[], { state }: EdgeKnowledge): readonly Json[] {
  if (state !== 'complete') return [...rows, relationship(from, 'DEPENDS_ON', 'NOASSERTION')]
  return rows.length === 0 ? [relationship(from, 'DEPENDS_ON', 'NONE')] : rows
}

function relationship(from: string, type: string, to: string, comment?: string): Json {
  return {
    spdxElementId: from,
    relationshipType: type,
    relatedSpdxElement: to,
    ...(comment === undefined ? {} : { comment: clean(comment) }),
  }
}

function compareFindings(a: Finding, b: Finding): number {
  return compareTexts(a.fingerprint, b.fingerprint) || compareTexts(a.message, b.message) || compareTexts(a.status, b.status)
}

interface BodyParts {
  readonly creation: Json
  readonly packages: readonly WrittenRow[]
  readonly relationships: readonly WrittenRow[]
  readonly licenses: readonly Json[]
  readonly annotations: readonly Json[]
}

function* documentBody({ creation, packages, relationships, licenses, annotations }: BodyParts): Iterable<string> {
  yield `  "creationInfo": ${jsonElement(creation, '  ')},\n`
  yield* jsonRows('packages', texts(packages), '  ')
  yield ',\n'
  yield* jsonRows('relationships', texts(relationships), '  ')
  const lists = { hasExtractedLicensingInfos: licenses, annotations }
  for (const [name, rows] of Object.entries(lists)) {
    if (rows.length === 0) continue
    yield ',\n'
    yield* jsonArray(name, rows, '  ')
  }
  yield '\n}\n'
}

function texts(rows: readonly WrittenRow[]): string[] {
  return rows.map(({ json }) => json)
}

function packageId(component: Component): string {
  return `SPDXRef-Package-${idPart(component.ecosystem)}-${idPart(component.name)}-${idPart(component.version ?? '')}-${idDigest(component.id, 8)}`
}

/** Only letters, digits, dots and dashes may stand in an SPDXID. */
function idPart(text: string): string {
  return text.replace(/[^A-Za-z0-9.-]/g, '-')
}

import { createHash } from 'node:crypto'
import type { Component, ComponentId } from '../../model/component.js'
import type { DocumentInput, DocumentWriter, Party, Written } from '../../model/document.js'
import type { Finding } from '../../model/finding.js'
import type { Edge, EdgeKind } from '../../model/graph.js'
import { clean } from '../clean.js'
import { broken } from '../invariants.js'
import type { Json } from '../json-element.js'
import { distinctJson, jsonArray, jsonElement } from '../json-element.js'
import type { SbomModel } from '../sbom-model.js'
import { idDigest, sbomModel } from '../sbom-model.js'
import { documentUuid } from '../uuid.js'
import { checkSpdx } from './check.js'
import type { PackageContext } from './package.js'
import { ExtractedLicenses, findingAnnotation, spdxPackage } from './package.js'

const DOCUMENT = 'SPDXRef-DOCUMENT'
/** The list that `spdx-license-ids` of this build was made from. */
const LICENSE_LIST_VERSION = '3.28'

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
    const packages = this.#packages(licenses)
    const relationships = this.#relationships()
    checkSpdx({ packages, relationships, licenses: licenses.rows(), documentId: DOCUMENT })
    const body = [...this.#body(packages, relationships, licenses)]
    const { name, version } = this.#model.subject
    const title = clean(version === undefined ? name : `${name}-${version}`)
    const namespace = `https://spdx.org/spdxdocs/${encodeURIComponent(title)}-${documentUuid([title, ...body])}`
    const head = [
      '{',
      '  "spdxVersion": "SPDX-2.3",',
      '  "dataLicense": "CC0-1.0",',
      `  "SPDXID": "${DOCUMENT}",`,
      `  "name": ${JSON.stringify(title)},`,
      `  "documentNamespace": ${JSON.stringify(namespace)},`,
      '',
    ]
    return { chunks: [head.join('\n'), ...body], leftOut: this.#model.leftOut }
  }

  *#body(packages: readonly Json[], relationships: readonly Json[], licenses: ExtractedLicenses): Iterable<string> {
    yield `  "creationInfo": ${jsonElement(this.#creationInfo(), '  ')},\n`
    yield* jsonArray('packages', packages, '  ')
    yield ',\n'
    yield* jsonArray('relationships', relationships, '  ')
    const extracted = licenses.rows()
    if (extracted.length > 0) {
      yield ',\n'
      yield* jsonArray('hasExtractedLicensingInfos', extracted, '  ')
    }
    const annotations = this.#documentFindings()
    if (annotations.length > 0) {
      yield ',\n'
      yield* jsonArray('annotations', annotations, '  ')
    }
    yield '\n}\n'
  }

  #creationInfo(): Json {
    const { info, timestamp, tool } = this.input
    const organisation = info.manufacturer ?? info.supplier
    const creators = [
      ...(organisation === undefined ? [] : [`Organization: ${partyText(organisation)}`]),
      ...info.authors.map((party) => `Person: ${partyText(party)}`),
      `Tool: ${tool.name}-${tool.version}`,
    ]
    const { files } = this.input.graph.graph
    const read = files.filter((file) => file.state === 'read').length
    const unread = files.filter((file) => file.state === 'unreadable' || file.state === 'partial').length
    const comment = `SBOM Type: Source. Made from ${read} manifests and lockfiles${unread === 0 ? '' : `; ${unread} could not be read whole, so components are missing`}.`
    return { created: timestamp, creators, licenseListVersion: LICENSE_LIST_VERSION, comment }
  }

  /** Findings about no package: a file, a setting, the whole. */
  #documentFindings(): Json[] {
    const findings = this.input.verdict?.findings ?? []
    return findings
      .filter((finding) => finding.component === undefined || !this.#ids.has(finding.component))
      .map((finding) => findingAnnotation(finding, this.input))
  }

  #packages(licenses: ExtractedLicenses): Json[] {
    const { subject, components } = this.#model
    const rows = components.map((component) => spdxPackage(component, this.#id(component.id), this.#context(component, licenses)))
    const { component } = subject
    if (component !== undefined) {
      const { name, version, purl } = subject
      const described = { ...component, name, version: version ?? component.version, purl: purl ?? component.purl }
      return [{ ...spdxPackage(described, this.#rootId, this.#context(component, licenses)), ...this.#supplier() }, ...rows]
    }
    const root: Json = {
      SPDXID: this.#rootId,
      name: clean(subject.name),
      ...(subject.version === undefined ? {} : { versionInfo: clean(subject.version) }),
      ...this.#supplier(),
      downloadLocation: 'NOASSERTION',
      filesAnalyzed: false,
      licenseConcluded: 'NOASSERTION',
      licenseDeclared: 'NOASSERTION',
      copyrightText: 'NOASSERTION',
      primaryPackagePurpose: 'APPLICATION',
      ...(subject.purl === undefined
        ? {}
        : { externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: subject.purl }] }),
    }
    return [root, ...rows]
  }

  #context(component: Component, licenses: ExtractedLicenses): PackageContext {
    return {
      input: this.input,
      licenses,
      replaces: this.#model.replacementsOf(component.id),
      evidence: this.#model.evidenceOf(component.id),
      findings: this.#findings.get(component.id) ?? [],
    }
  }

  #supplier(): Json {
    const { supplier, manufacturer } = this.input.info
    return {
      supplier: supplier === undefined ? 'NOASSERTION' : `Organization: ${partyText(supplier)}`,
      ...(manufacturer === undefined ? {} : { originator: `Organization: ${partyText(manufacturer)}` }),
    }
  }

  /** Every edge with its kind; a known leaf says NONE, an unknown one NOASSERTION. */
  #relationships(): Json[] {
    const { subject, components, roots, subjectKnowledge } = this.#model
    const rows: Json[] = [relationship(DOCUMENT, 'DESCRIBES', this.#rootId)]
    if (subject.component === undefined) {
      for (const root of roots) rows.push(relationship(this.#rootId, 'DEPENDS_ON', this.#id(root)))
      if (subjectKnowledge.state !== 'complete') rows.push(relationship(this.#rootId, 'DEPENDS_ON', 'NOASSERTION'))
    } else rows.push(...this.#edgeRows(subject.component))
    for (const component of components) rows.push(...this.#edgeRows(component))
    return rows
  }

  #edgeRows(component: Component): Json[] {
    const from = this.#id(component.id)
    const edges = this.#model.edgesOf(component.id)
    const rows = edges.flatMap((edge) => edgeRelationships(edge, from, this.#id(edge.to)))
    if (component.edges.state !== 'complete') rows.push(relationship(from, 'DEPENDS_ON', 'NOASSERTION'))
    else if (edges.length === 0) rows.push(relationship(from, 'DEPENDS_ON', 'NONE'))
    return rows
  }

  #id(id: ComponentId): string {
    const found = this.#ids.get(id)
    if (found === undefined) throw broken(`a relationship to ${id}, which is no package`)
    return found
  }
}

/** `*_OF` reads from the dependency to what needs it: the other way round than DEPENDS_ON. */
const REVERSED: Readonly<Record<Exclude<EdgeKind, 'runtime' | 'unknown'>, string>> = {
  build: 'BUILD_DEPENDENCY_OF',
  dev: 'DEV_DEPENDENCY_OF',
  test: 'TEST_DEPENDENCY_OF',
  tool: 'DEV_TOOL_OF',
}

function edgeRelationships(edge: Edge, from: string, to: string): Json[] {
  const rows = edge.kinds.map((kind) =>
    kind === 'runtime' || kind === 'unknown' ? relationship(from, 'DEPENDS_ON', to) : relationship(to, REVERSED[kind], from),
  )
  if (edge.optional === true) rows.push(relationship(to, 'OPTIONAL_DEPENDENCY_OF', from))
  return distinctJson(rows)
}

function relationship(from: string, type: string, to: string): Json {
  return { spdxElementId: from, relationshipType: type, relatedSpdxElement: to }
}

function packageId(component: Component): string {
  return `SPDXRef-Package-${idPart(component.ecosystem)}-${idPart(component.name)}-${idPart(component.version ?? '')}-${idDigest(component.id, 8)}`
}

/** Only letters, digits, dots and dashes may stand in an SPDXID. */
function idPart(text: string): string {
  return text.replace(/[^A-Za-z0-9.-]/g, '-')
}

function partyText(party: Party): string {
  return clean(party.email === undefined ? party.name : `${party.name} (${party.email})`)
}

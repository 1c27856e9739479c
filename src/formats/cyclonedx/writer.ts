import type { Component, ComponentId, EdgeKnowledge, Property } from '../../model/component.js'
import type { DocumentInput, DocumentWriter, Party, Written } from '../../model/document.js'
import type { Finding } from '../../model/finding.js'
import type { FileCoverage } from '../../model/graph.js'
import { SIGNATURES_FACT } from '../../model/signature-fact.js'
import { clean } from '../clean.js'
import { broken } from '../invariants.js'
import type { Json, WrittenRow } from '../json-element.js'
import { jsonArray, jsonElement, jsonRows, listField, writtenRow } from '../json-element.js'
import { LeftOutList } from '../left-out.js'
import { replacementText } from '../replacement-text.js'
import type { SbomModel } from '../sbom-model.js'
import { assignRefs, compareTexts, sbomModel } from '../sbom-model.js'
import { documentUuid } from '../uuid.js'
import { verificationCoverage } from '../verification-coverage.js'
import { checkBom } from './check.js'
import { addVersion, cleanProperties, componentRow, organisation } from './component.js'
import type { CycloneDxVersion } from './versions.js'

const TOOL_REF = 'tool:assay'
const TOOL_MAKER = 'assay'
/** Manifests and lockfiles are what there is before anything is built. */
const LIFECYCLE = 'pre-build'

/** Writes CycloneDX JSON in one version. */
export function cyclonedxWriter(version: CycloneDxVersion): DocumentWriter {
  return {
    name: `cyclonedx-${version.version}-json`,
    title: `CycloneDX ${version.version} JSON`,
    mediaType: `application/vnd.cyclonedx+json; version=${version.version}`,
    fileName: 'bom.cdx.json',
    write: (input) => new CycloneDxDocument(input, version).write(),
  }
}

class CycloneDxDocument {
  readonly #model: SbomModel
  readonly #refs: ReadonlyMap<ComponentId, string>
  readonly #leftOut = new LeftOutList()
  readonly #rootRef: string

  constructor(
    readonly input: DocumentInput,
    readonly version: CycloneDxVersion,
  ) {
    this.#model = sbomModel(input)
    const own = this.#model.subject.component
    this.#refs = assignRefs(own === undefined ? this.#model.components : [own, ...this.#model.components])
    this.#rootRef = own === undefined ? this.#freeRef() : this.#ref(own.id)
  }

  write(): Written {
    const { schema, version } = this.version
    const head = `{\n  "$schema": "${schema}",\n  "bomFormat": "CycloneDX",\n  "specVersion": "${version}",\n`
    const body = ['  "version": 1,\n', ...this.#body()]
    // Made from all other text of the document, so that it can only be known at the end.
    const serial = `  "serialNumber": "urn:uuid:${documentUuid([head, ...body])}",\n`
    return { chunks: [head, serial, ...body], leftOut: [...this.#model.leftOut, ...this.#leftOut.list()] }
  }

  *#body(): Iterable<string> {
    const metadata = this.#metadata()
    const dependencies = this.#dependencies()
    const compositions = this.#compositions()
    const annotations = this.#annotations()
    const toolRef = this.version.toolComponents ? TOOL_REF : undefined
    const components: string[] = []
    checkBom({ metadata, components: this.#components(components), dependencies, compositions, annotations, toolRef })
    yield `  "metadata": ${jsonElement(metadata, '  ')},\n`
    yield* jsonRows('components', components, '  ')
    yield ',\n'
    yield* jsonArray('dependencies', dependencies, '  ')
    yield ',\n'
    yield* jsonArray('compositions', compositions, '  ')
    if (annotations.length > 0) {
      yield ',\n'
      yield* jsonArray('annotations', annotations, '  ')
    }
    yield '\n}\n'
  }

  /** The rows of the components one by one; what stays of each is its text. */
  *#components(texts: string[]): Iterable<WrittenRow> {
    for (const component of this.#model.components) {
      const written = writtenRow(this.#row(component))
      texts.push(written.json)
      yield written
    }
  }

  #metadata(): Json & { readonly component: Json } {
    const { info, timestamp } = this.input
    const { manufacturer, supplier } = info
    const { version } = this
    // Before 1.6 an organisation that made the SBOM can only stand among the authors.
    const authors = version.manufacturer || manufacturer === undefined ? info.authors : [manufacturer, ...info.authors]
    for (const party of authors)
      if (party.url !== undefined)
        this.#leftOut.add({ subject: party.name, what: 'the URL', why: 'an author in CycloneDX has a name and a mail address' })
    return {
      timestamp,
      ...(version.lifecycles ? { lifecycles: [{ phase: LIFECYCLE }] } : {}),
      tools: this.#tools(),
      ...(version.manufacturer && manufacturer !== undefined ? { manufacturer: organisation(manufacturer) } : {}),
      ...listField('authors', authors.map(contact)),
      component: this.#subject(),
      ...(supplier === undefined ? {} : { supplier: organisation(supplier) }),
      licenses: [{ license: { id: 'CC0-1.0' } }],
      properties: this.#documentProperties(),
    }
  }

  #tools(): unknown {
    const { name, version } = this.input.tool
    if (!this.version.toolComponents) return [{ vendor: TOOL_MAKER, name, version }]
    const maker = { [this.version.manufacturer ? 'manufacturer' : 'supplier']: { name: TOOL_MAKER } }
    return { components: [{ type: 'application', 'bom-ref': TOOL_REF, ...maker, name, version }] }
  }

  #subject(): Json {
    const { subject } = this.#model
    const { component } = subject
    const supplier = this.input.info.supplier
    if (component !== undefined) {
      const { name, version, purl } = subject
      const described = { ...component, name, version: version ?? component.version, purl: purl ?? component.purl }
      return this.#row(described, supplier)
    }
    const row: Record<string, unknown> = { type: 'application', 'bom-ref': this.#rootRef }
    if (supplier !== undefined) row['supplier'] = organisation(supplier)
    row['name'] = clean(subject.name)
    addVersion(row, subject, (left) => this.#leftOut.add(left))
    if (subject.purl !== undefined) row['purl'] = subject.purl
    return row
  }

  /** What was read and how much of it: an SBOM says what it rests on, and which replacements no component stands for. */
  #documentProperties(): Property[] {
    const { files, diagnostics } = this.input.graph.graph
    const inState = (state: FileCoverage['state']): FileCoverage[] => files.filter((file) => file.state === state)
    const count = (state: FileCoverage['state']): Property => ({
      name: `assay:coverage:files-${state}`,
      value: String(inState(state).length),
    })
    const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length
    const found: Property[] = [
      ...(['read', 'partial', 'skipped', 'unreadable'] as const).map(count),
      ...inState('partial').map((file) => ({ name: 'assay:partial', value: file.path })),
      ...inState('unreadable').map((file) => ({ name: 'assay:unreadable', value: file.path })),
      ...this.#model.otherReplacements.map((one) => ({ name: 'assay:replacement', value: replacementText(one) })),
      { name: 'assay:diagnostics:errors', value: String(errors) },
      ...verifiedProperties(this.input),
      ...this.#findingProperties(),
      ...(this.version.lifecycles ? [] : [{ name: 'assay:lifecycle', value: LIFECYCLE }]),
    ]
    return cleanProperties(found)
  }

  #row(component: Component, supplier?: Party): Json {
    return componentRow(component, {
      version: this.version,
      ref: this.#ref(component.id),
      toolRef: TOOL_REF,
      supplier,
      edges: this.#model.edgesOf(component.id).map((edge) => ({ edge, to: this.#ref(edge.to) })),
      replaces: this.#model.replacementsOf(component.id),
      evidence: this.#model.evidenceOf(component.id),
      onLeftOut: (left) => this.#leftOut.add(left),
    })
  }

  #ref(id: ComponentId): string {
    const ref = this.#refs.get(id)
    if (ref === undefined) throw broken(`a reference to ${id}, which is no component`)
    return ref
  }

  #freeRef(): string {
    const { name, version, purl } = this.#model.subject
    const taken = new Set(this.#refs.values())
    const wanted = purl ?? clean(version === undefined ? `root:${name}` : `root:${name}@${version}`)
    return taken.has(wanted) ? `root:${wanted}` : wanted
  }

  /** One row a component: an empty list says "has none", so where nothing is known there is no row. */
  #dependencies(): Json[] {
    const { subject, components, roots, subjectKnowledge } = this.#model
    const rows: { ref: string; dependsOn: string[] }[] = []
    const add = (ref: string, targets: readonly ComponentId[], { state }: EdgeKnowledge): void => {
      if (state === 'complete' || targets.length > 0) rows.push({ ref, dependsOn: this.#sortedRefs(targets) })
    }
    const targets = (id: ComponentId): ComponentId[] => this.#model.edgesOf(id).map((edge) => edge.to)
    add(this.#rootRef, subject.component === undefined ? roots : targets(subject.component.id), subjectKnowledge)
    for (const component of components) add(this.#ref(component.id), targets(component.id), component.edges)
    return rows.sort((a, b) => compareTexts(a.ref, b.ref))
  }

  #sortedRefs(ids: readonly ComponentId[]): string[] {
    return [...new Set(ids.map((id) => this.#ref(id)))].sort()
  }

  #compositions(): Json[] {
    const groups = new Map<EdgeKnowledge['state'], string[]>()
    const add = (state: EdgeKnowledge['state'], ref: string): void => {
      const refs = groups.get(state)
      if (refs === undefined) groups.set(state, [ref])
      else refs.push(ref)
    }
    add(this.#model.subjectKnowledge.state, this.#rootRef)
    for (const component of this.#model.components) add(component.edges.state, this.#ref(component.id))
    const ref = (name: string): Json => (this.version.compositionRefs ? { 'bom-ref': `composition:${name}` } : {})
    const rows: Json[] = [...groups]
      .sort((a, b) => compareTexts(a[0], b[0]))
      .map(([aggregate, refs]) => ({ ...ref(aggregate), aggregate, dependencies: refs.sort() }))
    // Without references it speaks of the whole document.
    return groups.has('incomplete') || groups.has('unknown') ? rows : [{ ...ref('bom'), aggregate: 'complete' }, ...rows]
  }

  /** Findings, on request, in an order of their own: what an SBOM may say of a policy's judgement (spec/sbom.md §1.7). */
  #findings(): readonly { readonly finding: Finding; readonly text: string }[] {
    return (this.input.verdict?.findings ?? [])
      .map((finding) => ({ finding, text: findingText(finding) }))
      .sort((a, b) => compareTexts(a.finding.fingerprint, b.finding.fingerprint) || compareTexts(a.text, b.text))
  }

  /** Where there are no annotations, findings are properties. */
  #findingProperties(): Property[] {
    if (this.version.annotations) return []
    return this.#findings().map(({ finding, text }, i) => ({
      name: `assay:finding:${i + 1}`,
      value: `${this.#subjectRef(finding)} ${text}`,
    }))
  }

  #annotations(): Json[] {
    if (!this.version.annotations) return []
    const { name, version } = this.input.tool
    // Two findings of one rule on one subject may share a fingerprint; a reference may not.
    const seen = new Map<string, number>()
    return this.#findings().map(({ finding, text }) => {
      const times = (seen.get(finding.fingerprint) ?? 0) + 1
      seen.set(finding.fingerprint, times)
      return {
        'bom-ref': `finding:${finding.fingerprint}${times === 1 ? '' : `:${times}`}`,
        subjects: [this.#subjectRef(finding)],
        annotator: { component: { type: 'application', name, version } },
        timestamp: this.input.timestamp,
        text,
      }
    })
  }

  #subjectRef(finding: Finding): string {
    const ref = finding.component === undefined ? undefined : this.#refs.get(finding.component)
    return ref === undefined ? this.#rootRef : ref
  }
}

/** How many components of each ecosystem somebody vouches for; nothing where nobody was asked. */
function verifiedProperties({ graph, evidence }: DocumentInput): Property[] {
  if (evidence.length === 0) return []
  const signed = signedCounts(graph)
  const coverage = verificationCoverage(graph.graph, evidence)
  const share = (what: string, ecosystem: string, count: number, total: number): Property => ({
    name: `assay:coverage:${what}:${ecosystem}`,
    value: `${count} of ${total}`,
  })
  return [
    ...coverage.flatMap(({ ecosystem, total }) =>
      signed.size === 0 ? [] : [share('signed', ecosystem, signed.get(ecosystem) ?? 0, total)],
    ),
    ...coverage.map(({ ecosystem, total, components }) => share('verified', ecosystem, components.match, total)),
  ]
}

/** Components with a signature by somebody whom the settings name, by ecosystem; empty where signatures were not looked for. */
function signedCounts(graph: DocumentInput['graph']): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const fact of graph.facts(SIGNATURES_FACT)) {
    const component = fact.component === undefined ? undefined : graph.find(fact.component)
    if (component === undefined) continue
    const isSigned = fact.data['outcome'] === 'verified'
    counts.set(component.ecosystem, (counts.get(component.ecosystem) ?? 0) + (isSigned ? 1 : 0))
  }
  return counts
}

function contact(party: Party): Json {
  return { name: clean(party.name), ...(party.email === undefined ? {} : { email: party.email }) }
}

function findingText(finding: Finding): string {
  const status =
    finding.status === 'open' ? '' : ` (${finding.status}${finding.waiver === undefined ? '' : ` by ${finding.waiver}`})`
  return clean(`${finding.rule} ${finding.severity}${status}: ${finding.message}`)
}

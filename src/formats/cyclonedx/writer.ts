import type { Component, ComponentId, EdgeKnowledge } from '../../model/component.js'
import type { DocumentInput, DocumentWriter, Party, Written } from '../../model/document.js'
import type { Finding } from '../../model/finding.js'
import { clean } from '../clean.js'
import { broken } from '../invariants.js'
import type { Json } from '../json-element.js'
import { jsonArray, jsonElement } from '../json-element.js'
import { LeftOutList } from '../left-out.js'
import type { SbomModel } from '../sbom-model.js'
import { assignRefs, compareTexts, sbomModel } from '../sbom-model.js'
import { documentUuid } from '../uuid.js'
import { checkBom } from './check.js'
import { compareProperties, componentRow, organisation } from './component.js'
import type { CycloneDxVersion } from './versions.js'

const TOOL_REF = 'tool:assay'

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
    // The serial number is made from all other text, so that text comes first.
    const body = [...this.#body()]
    const serial = `urn:uuid:${documentUuid(body)}`
    const head = `{\n  "$schema": "${this.version.schema}",\n  "bomFormat": "CycloneDX",\n  "specVersion": "${this.version.version}",\n  "serialNumber": "${serial}",\n  "version": 1,\n`
    return { chunks: [head, ...body], leftOut: [...this.#model.leftOut, ...this.#leftOut.list()] }
  }

  *#body(): Iterable<string> {
    const components = this.#model.components.map((component) => this.#row(component))
    const metadata = this.#metadata()
    const dependencies = this.#dependencies()
    const compositions = this.#compositions()
    const annotations = this.#annotations()
    const toolRef = this.version.toolComponents ? TOOL_REF : undefined
    checkBom({ metadata, components, dependencies, compositions, annotations, toolRef })
    yield `  "metadata": ${jsonElement(metadata, '  ')},\n`
    yield* jsonArray('components', components, '  ')
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

  #metadata(): Json & { readonly component: Json } {
    const { info, timestamp, tool } = this.input
    const { version } = this
    const toolRow = { name: tool.name, version: tool.version }
    return {
      timestamp,
      ...(version.lifecycles ? { lifecycles: [{ phase: 'pre-build' }] } : {}),
      tools: version.toolComponents
        ? { components: [{ type: 'application', 'bom-ref': TOOL_REF, ...toolRow }] }
        : [{ vendor: 'assay', ...toolRow }],
      ...(info.authors.length === 0 ? {} : { authors: info.authors.map(contact) }),
      component: this.#subject(),
      ...(info.manufacturer === undefined ? {} : this.#manufacturer(info.manufacturer)),
      ...(info.supplier === undefined ? {} : { supplier: organisation(info.supplier) }),
      licenses: [{ license: { id: 'CC0-1.0' } }],
      properties: this.#documentProperties(),
    }
  }

  #manufacturer(party: Party): Json {
    if (this.version.metadataManufacturer) return { manufacturer: organisation(party) }
    this.#leftOut.add({
      subject: party.name,
      what: 'the manufacturer of the SBOM',
      why: `CycloneDX ${this.version.version} has no place for it`,
    })
    return {}
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
    return {
      type: 'application',
      'bom-ref': this.#rootRef,
      ...(supplier === undefined ? {} : { supplier: organisation(supplier) }),
      name: clean(subject.name),
      ...(subject.version === undefined ? {} : { version: clean(subject.version) }),
      ...(subject.purl === undefined ? {} : { purl: subject.purl }),
    }
  }

  /** What was read and how much of it: an SBOM says what it rests on. */
  #documentProperties(): Json[] {
    const { files, diagnostics } = this.input.graph.graph
    const count = (state: string): number => files.filter((file) => file.state === state).length
    const found = [
      { name: 'assay:coverage:files-read', value: String(count('read')) },
      { name: 'assay:coverage:files-partial', value: String(count('partial')) },
      { name: 'assay:coverage:files-skipped', value: String(count('skipped')) },
      { name: 'assay:coverage:files-unreadable', value: String(count('unreadable')) },
      ...files
        .filter((file) => file.state === 'unreadable')
        .map((file) => ({ name: 'assay:unreadable', value: clean(file.path) })),
      {
        name: 'assay:diagnostics:errors',
        value: String(diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length),
      },
    ]
    return found.sort(compareProperties)
  }

  #row(component: Component, supplier?: Party): Json {
    return componentRow(component, {
      version: this.version,
      ref: this.#ref(component.id),
      toolRef: TOOL_REF,
      supplier,
      replaces: this.#model.replacementsOf(component.id),
      evidence: this.#model.evidenceOf(component.id),
      onLeftOut: (left) => this.#leftOut.add(left),
    })
  }

  #ref(id: ComponentId): string {
    const ref = this.#refs.get(id)
    if (ref === undefined) throw broken(`a reference to ${id}, which is no component`)
    return clean(ref)
  }

  #freeRef(): string {
    const { name, version, purl } = this.#model.subject
    const taken = new Set(this.#refs.values())
    const wanted = purl ?? clean(version === undefined ? `root:${name}` : `root:${name}@${version}`)
    return taken.has(wanted) ? `root:${wanted}` : wanted
  }

  /** One row a component: an empty list says "has none"; a missing row would say "unknown", so unknown ones get none. */
  #dependencies(): Json[] {
    const { subject, components, roots } = this.#model
    const own = subject.component
    const targets = own === undefined ? roots : this.#model.edgesOf(own.id).map((edge) => edge.to)
    const rows: { ref: string; dependsOn: string[] }[] = [{ ref: this.#rootRef, dependsOn: this.#sortedRefs(targets) }]
    for (const component of components) {
      const edges = this.#model.edgesOf(component.id)
      if (component.edges.state === 'unknown' && edges.length === 0) continue
      rows.push({ ref: this.#ref(component.id), dependsOn: this.#sortedRefs(edges.map((edge) => edge.to)) })
    }
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
    return [...groups]
      .sort((a, b) => compareTexts(a[0], b[0]))
      .map(([aggregate, refs]) => ({
        ...(this.version.compositionRefs ? { 'bom-ref': `composition:${aggregate}` } : {}),
        aggregate,
        dependencies: refs.sort(),
      }))
  }

  /** Findings, on request: annotations are where an SBOM may say what a policy thinks of it (spec/sbom.md §1.7). */
  #annotations(): Json[] {
    const findings = this.input.verdict?.findings ?? []
    if (findings.length === 0) return []
    if (!this.version.annotations) {
      this.#leftOut.add({
        subject: `${findings.length} findings`,
        what: 'the findings',
        why: `CycloneDX ${this.version.version} has no annotations`,
      })
      return []
    }
    // Two findings of one rule on one subject may share a fingerprint; a reference may not.
    const seen = new Map<string, number>()
    return findings.map((finding) => {
      const times = (seen.get(finding.fingerprint) ?? 0) + 1
      seen.set(finding.fingerprint, times)
      return {
        'bom-ref': `finding:${finding.fingerprint}${times === 1 ? '' : `:${times}`}`,
        subjects: [this.#subjectRef(finding)],
        annotator: { component: { type: 'application', name: this.input.tool.name, version: this.input.tool.version } },
        timestamp: this.input.timestamp,
        text: findingText(finding),
      }
    })
  }

  #subjectRef(finding: Finding): string {
    const ref = finding.component === undefined ? undefined : this.#refs.get(finding.component)
    return ref === undefined ? this.#rootRef : clean(ref)
  }
}

function contact(party: Party): Json {
  return { name: clean(party.name), ...(party.email === undefined ? {} : { email: party.email }) }
}

function findingText(finding: Finding): string {
  const status =
    finding.status === 'open' ? '' : ` (${finding.status}${finding.waiver === undefined ? '' : ` by ${finding.waiver}`})`
  return clean(`${finding.rule} ${finding.severity}${status}: ${finding.message}`)
}

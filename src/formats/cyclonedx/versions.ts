/** What one version of CycloneDX can say; writing another version is a row here (spec/sbom.md §1.3). */
export interface CycloneDxVersion {
  readonly version: '1.4' | '1.5' | '1.6' | '1.7'
  readonly schema: string
  readonly lifecycles: boolean
  /** `metadata.tools` as components; before 1.5 a list of vendor, name, version. */
  readonly toolComponents: boolean
  /** `manufacturer` of the BOM and of a component, an organisation; before 1.6 neither. */
  readonly manufacturer: boolean
  /** `component.authors`; before 1.6 one text. */
  readonly authors: boolean
  /** `acknowledgement`: says whether a licence is declared or concluded. */
  readonly licenseAcknowledgement: boolean
  /** Several expressions, or expressions beside ids, in one list of licences. */
  readonly licenseMix: boolean
  readonly occurrences: boolean
  readonly occurrenceLines: boolean
  /** `evidence.identity`: not there, one object, or a list with the concluded value. */
  readonly identity: 'none' | 'one' | 'list'
  readonly compositionRefs: boolean
  /** The reference type `source-distribution`. */
  readonly sourceDistribution: boolean
  readonly annotations: boolean
}

const V1_4: CycloneDxVersion = {
  version: '1.4',
  schema: 'http://cyclonedx.org/schema/bom-1.4.schema.json',
  lifecycles: false,
  toolComponents: false,
  manufacturer: false,
  authors: false,
  licenseAcknowledgement: false,
  licenseMix: false,
  occurrences: false,
  occurrenceLines: false,
  identity: 'none',
  compositionRefs: false,
  sourceDistribution: false,
  annotations: false,
}
const V1_5: CycloneDxVersion = {
  ...V1_4,
  version: '1.5',
  schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
  lifecycles: true,
  toolComponents: true,
  occurrences: true,
  identity: 'one',
  compositionRefs: true,
  annotations: true,
}
const V1_6: CycloneDxVersion = {
  ...V1_5,
  version: '1.6',
  schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
  manufacturer: true,
  authors: true,
  licenseAcknowledgement: true,
  occurrenceLines: true,
  identity: 'list',
  sourceDistribution: true,
}
const V1_7: CycloneDxVersion = {
  ...V1_6,
  version: '1.7',
  schema: 'http://cyclonedx.org/schema/bom-1.7.schema.json',
  licenseMix: true,
}

export const CYCLONEDX_VERSIONS: Readonly<Record<CycloneDxVersion['version'], CycloneDxVersion>> = {
  '1.4': V1_4,
  '1.5': V1_5,
  '1.6': V1_6,
  '1.7': V1_7,
}

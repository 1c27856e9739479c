/** What one version of CycloneDX can say; writing another version is a row here (spec/sbom.md §1.3). */
export interface CycloneDxVersion {
  readonly version: '1.4' | '1.5' | '1.6' | '1.7'
  readonly schema: string
  readonly lifecycles: boolean
  /** `metadata.tools` as components; before 1.5 a list of vendor, name, version. */
  readonly toolComponents: boolean
  readonly metadataManufacturer: boolean
  /** `component.authors`; before 1.6 one text. */
  readonly authors: boolean
  readonly licenseAcknowledgement: boolean
  readonly occurrences: boolean
  readonly occurrenceLines: boolean
  readonly compositionRefs: boolean
  readonly annotations: boolean
}

const COMMON = { compositionRefs: true, lifecycles: true, toolComponents: true, occurrences: true, annotations: true }

export const CYCLONEDX_VERSIONS: Readonly<Record<CycloneDxVersion['version'], CycloneDxVersion>> = {
  '1.4': {
    version: '1.4',
    schema: 'http://cyclonedx.org/schema/bom-1.4.schema.json',
    lifecycles: false,
    toolComponents: false,
    metadataManufacturer: false,
    authors: false,
    licenseAcknowledgement: false,
    occurrences: false,
    occurrenceLines: false,
    compositionRefs: false,
    annotations: false,
  },
  '1.5': {
    ...COMMON,
    version: '1.5',
    schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    metadataManufacturer: false,
    authors: false,
    licenseAcknowledgement: false,
    occurrenceLines: false,
  },
  '1.6': {
    ...COMMON,
    version: '1.6',
    schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    metadataManufacturer: true,
    authors: true,
    licenseAcknowledgement: true,
    occurrenceLines: true,
  },
  '1.7': {
    ...COMMON,
    version: '1.7',
    schema: 'http://cyclonedx.org/schema/bom-1.7.schema.json',
    metadataManufacturer: true,
    authors: true,
    licenseAcknowledgement: true,
    occurrenceLines: true,
  },
}

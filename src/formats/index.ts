import type { DocumentWriter, FormatEntry } from '../model/document.js'

/** Every SBOM format assay writes. A new one is a file or folder beside this file and a line here. */
export const FORMATS: readonly FormatEntry[] = [
  {
    name: 'cyclonedx-1.6-json',
    title: 'CycloneDX 1.6 JSON (default)',
    aliases: ['cyclonedx', 'cyclonedx-json', 'cdx'],
    load: () => cyclonedx('1.6'),
  },
  { name: 'cyclonedx-1.7-json', title: 'CycloneDX 1.7 JSON', aliases: [], load: () => cyclonedx('1.7') },
  { name: 'cyclonedx-1.5-json', title: 'CycloneDX 1.5 JSON', aliases: [], load: () => cyclonedx('1.5') },
  { name: 'cyclonedx-1.4-json', title: 'CycloneDX 1.4 JSON', aliases: [], load: () => cyclonedx('1.4') },
  {
    name: 'spdx-2.3-json',
    title: 'SPDX 2.3 JSON',
    aliases: ['spdx', 'spdx-json'],
    load: async () => (await import('./spdx/writer.js')).spdx23Writer,
  },
]

async function cyclonedx(version: '1.4' | '1.5' | '1.6' | '1.7'): Promise<DocumentWriter> {
  const { cyclonedxWriter } = await import('./cyclonedx/writer.js')
  const { CYCLONEDX_VERSIONS } = await import('./cyclonedx/versions.js')
  return cyclonedxWriter(CYCLONEDX_VERSIONS[version])
}

import {
  mustBeClean,
  mustBeCleanRow,
  mustBeDigest,
  mustBeExpression,
  mustBeLicenseId,
  mustBePurl,
  mustBeTime,
  mustResolve,
  uniqueRefs,
} from '../invariants.js'
import type { Json, JsonArray, WrittenRow } from '../json-element.js'

/** The parts of a CycloneDX document whose sense no schema sees (spec/sbom.md §1.9). */
export interface CheckedBom {
  readonly metadata: Json & { readonly component: Json }
  readonly components: readonly WrittenRow[]
  readonly dependencies: JsonArray
  readonly compositions: JsonArray
  readonly annotations: JsonArray
  /** The `bom-ref` of the tool, where the version has one. */
  readonly toolRef: string | undefined
}

/**
 * Holds a document of our own to it: references unique over all objects, every one resolves, digests of their
 * algorithm's length, purls and expressions well-formed, no control character, nothing called complete without a row.
 */
export function checkBom(bom: CheckedBom): void {
  const { component } = bom.metadata
  const described = [component, ...bom.components.map(({ row }) => row)]
  const refs = uniqueRefs([
    ...(bom.toolRef === undefined ? [] : [bom.toolRef]),
    ...described.map((row) => row['bom-ref']),
    ...[...bom.compositions, ...bom.annotations].flatMap((row) => (row['bom-ref'] === undefined ? [] : [row['bom-ref']])),
  ])
  mustBeClean(bom.metadata)
  mustBeTime(bom.metadata['timestamp'])
  checkRow(component, refs)
  for (const { row, json } of bom.components) {
    mustBeCleanRow(row, json)
    checkRow(row, refs)
  }
  const rows = new Set<string>()
  for (const { ref, dependsOn } of bom.dependencies) {
    mustResolve(ref, refs, 'a dependencies row')
    for (const target of listOf(dependsOn)) mustResolve(target, refs, `a dependency of ${String(ref)}`)
    rows.add(String(ref))
  }
  for (const { aggregate, dependencies } of bom.compositions)
    for (const ref of listOf(dependencies)) {
      mustResolve(ref, refs, 'a composition')
      if (aggregate === 'complete') mustResolve(ref, rows, 'a composition called complete, without a dependencies row,')
    }
  for (const { aggregate, dependencies } of bom.compositions)
    if (aggregate === 'complete' && dependencies === undefined)
      for (const row of described) mustResolve(row['bom-ref'], rows, 'a document called complete, without a dependencies row,')
  for (const annotation of bom.annotations) {
    mustBeClean(annotation)
    for (const subject of listOf(annotation['subjects'])) mustResolve(subject, refs, 'an annotation')
  }
}

function checkRow(row: Json, refs: ReadonlySet<string>): void {
  const where = String(row['bom-ref'])
  if (row['purl'] !== undefined) mustBePurl(row['purl'])
  for (const holder of [row, ...listOf(row['externalReferences'])])
    for (const hash of listOf(field(holder, 'hashes'))) mustBeDigest(field(hash, 'alg'), field(hash, 'content'), where)
  for (const license of [...listOf(row['licenses']), ...listOf(field(row['evidence'], 'licenses'))]) {
    const expression = field(license, 'expression')
    if (expression !== undefined) mustBeExpression(expression, where)
    const id = field(field(license, 'license'), 'id')
    if (id !== undefined) mustBeLicenseId(id, where)
  }
  const identity = field(row['evidence'], 'identity')
  for (const proof of Array.isArray(identity) ? identity : [identity])
    for (const tool of listOf(field(proof, 'tools'))) mustResolve(tool, refs, `the evidence of ${where}`)
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined
}

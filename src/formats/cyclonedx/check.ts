import {
  broken,
  mustBeClean,
  mustBeCleanRow,
  mustBeDigest,
  mustBeExpression,
  mustBeLicenseId,
  mustBePurl,
  mustBeTime,
  mustResolve,
  UniqueRefs,
} from '../invariants.js'
import type { Json, JsonArray, WrittenRow } from '../json-element.js'

/** The parts of a CycloneDX document whose sense no schema sees (spec/sbom.md §1.9). */
export interface CheckedBom {
  readonly metadata: Json & { readonly component: Json }
  /** Asked for once, and no row is held: a large document has tens of thousands. */
  readonly components: Iterable<WrittenRow>
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
  const refs = new UniqueRefs()
  if (bom.toolRef !== undefined) refs.add(bom.toolRef)
  refs.add(bom.metadata.component['bom-ref'])
  mustBeClean(bom.metadata)
  mustBeTime(bom.metadata['timestamp'])
  const described = [checkRow(bom.metadata.component, bom.toolRef)]
  for (const { row, json } of bom.components) {
    refs.add(row['bom-ref'])
    mustBeCleanRow(row, json)
    described.push(checkRow(row, bom.toolRef))
  }
  for (const row of [...bom.compositions, ...bom.annotations]) if (row['bom-ref'] !== undefined) refs.add(row['bom-ref'])
  const rows = new Set<string>()
  for (const { ref, dependsOn } of bom.dependencies) {
    refs.mustHold(ref, 'a dependencies row')
    for (const target of listOf(dependsOn)) refs.mustHold(target, `a dependency of ${String(ref)}`)
    rows.add(String(ref))
  }
  for (const { aggregate, dependencies } of bom.compositions) {
    for (const ref of listOf(dependencies)) refs.mustHold(ref, 'a composition')
    if (aggregate !== 'complete') continue
    // Without references it speaks of the whole document.
    for (const ref of dependencies === undefined ? described : listOf(dependencies))
      mustResolve(ref, rows, 'a composition called complete, without a dependencies row,')
  }
  for (const annotation of bom.annotations) {
    mustBeClean(annotation)
    for (const subject of listOf(annotation['subjects'])) refs.mustHold(subject, 'an annotation')
  }
}

/** Checks one component and gives back its reference. The evidence of a component points at no object but the tool. */
function checkRow(row: Json, toolRef: string | undefined): string {
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
  for (const proof of Array.isArray(identity) ? identity : [identity]) {
    checkConcluded(row, proof, where)
    for (const tool of listOf(field(proof, 'tools')))
      if (tool !== toolRef) throw broken(`the evidence of ${where} points at ${String(tool)}, which is not in the document`)
  }
  return where
}

/** What a proof of a hash concludes is a digest of a file that the component has: no digest of a tree, no id of a commit. */
function checkConcluded(row: Json, proof: unknown, where: string): void {
  const concluded = field(proof, 'field') === 'hash' ? field(proof, 'concludedValue') : undefined
  if (concluded === undefined) return
  const holders = [row, ...listOf(row['externalReferences'])]
  const known = holders.flatMap((holder) => listOf(field(holder, 'hashes')).map((hash) => field(hash, 'content')))
  if (!known.includes(concluded))
    throw broken(`the evidence of ${where} concludes ${String(concluded)}, which is none of its hashes`)
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined
}

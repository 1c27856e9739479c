/**
 * assay as a library: what the command does, as data.
 *
 * ```ts
 * import { audit, readGraph, toCycloneDX } from 'assay'
 *
 * const { verdict } = await audit('.')
 * const bom = await toCycloneDX(await readGraph('.'))
 * ```
 *
 * Nothing here runs anything of the repository, prints, or ends the process. What is wrong with the content of an input
 * is in `graph.diagnostics` and in the findings; `AssayError` is thrown for a wrong call, configuration or path.
 * @module
 */
export type { OpenInput } from './audit/inputs.js'
export { openFolder, openInput } from './audit/inputs.js'
export type { AuditChoices, AuditResult, DocumentChoices, Input, ReadChoices } from './audit/library.js'
export { audit, readGraph, toCycloneDX, toDocument, toSpdx } from './audit/library.js'
export type { ArtifactChoices } from './audit/library-artifact.js'
export { verifyArtifact } from './audit/library-artifact.js'
export type { VerifyChoices } from './audit/read-and-verify.js'
export type * from './model/artifact-report.js'
export type * from './model/component.js'
export { componentLabel } from './model/component.js'
export type { Diagnostic } from './model/diagnostic.js'
export type * from './model/digest.js'
export type { ErrorCode } from './model/error.js'
export { AssayError } from './model/error.js'
export type { Authority, Evidence, VerdictKind } from './model/evidence.js'
export type { Finding, RuleCounts, Severity, Verdict } from './model/finding.js'
export type * from './model/graph.js'
export type { Location } from './model/location.js'
export type { Purl } from './model/purl.js'
export { formatPurl, parsePurl } from './model/purl.js'
export type { Rule } from './model/rule.js'
export type { GitRef, RegistryProtocol, Source } from './model/source.js'
export type { FileBytes, SourceTree, TreeEntry } from './model/tree.js'
export { VERSION } from './version.js'

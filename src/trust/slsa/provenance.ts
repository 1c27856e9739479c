import type { Statement } from '../statement.js'
import { parseDigestSet } from '../statement.js'
import type { JsonObject } from '../strict-json.js'
import { fieldOf, isJsonObject } from '../strict-json.js'

/** SLSA build provenance, one model for v0.2 and v1 (slsa.dev/spec/v1.0/provenance, spec/trust.md §4.3). */
export interface Provenance {
  readonly version: 'v0.2' | 'v1'
  /** Who built. Anyone may write any builder here: it means something only together with the signer. */
  readonly builderId: string
  readonly buildType: string
  readonly source?: ProvenanceSource | undefined
  /** Path of the workflow or file that was run. */
  readonly entryPoint?: string | undefined
  /** What whoever started the build could choose. */
  readonly parameters: JsonObject
  readonly dependencies: readonly ProvenanceDependency[]
  readonly invocation?: string | undefined
  /** RFC 3339, as written. */
  readonly started?: string | undefined
  readonly finished?: string | undefined
}

export interface ProvenanceSource {
  /** Without `git+` and ref. */
  readonly repository: string
  readonly ref?: string | undefined
  /** Lower-case hexadecimal. */
  readonly commit?: string | undefined
}

export interface ProvenanceDependency {
  readonly uri?: string | undefined
  readonly digest: ReadonlyMap<string, string>
}

export type ParsedProvenance =
  | { readonly ok: true; readonly provenance: Provenance }
  | { readonly ok: false; readonly why: string }

const V02 = 'https://slsa.dev/provenance/v0.2'
const V1 = 'https://slsa.dev/provenance/v1'
/** Build types whose `externalParameters.workflow` names the source. */
const WORKFLOW_BUILD_TYPES: ReadonlySet<string> = new Set([
  'https://actions.github.io/buildtypes/workflow/v1',
  'https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1',
])
const MAX_DEPENDENCIES = 20_000

/** Reads the predicate of a provenance statement. Release candidates of v1 and v0.1 are other types: not read. */
export function parseProvenance(statement: Statement): ParsedProvenance {
  switch (statement.predicateType) {
    case V1:
      return parseV1(statement.predicate)
    case V02:
      return parseV02(statement.predicate)
    default:
      return { ok: false, why: `${statement.predicateType} is no SLSA provenance of a known version` }
  }
}

function parseV1(predicate: JsonObject): ParsedProvenance {
  const definition = objectAt(predicate, 'buildDefinition')
  const details = objectAt(predicate, 'runDetails')
  const builderId = textAt(objectAt(details, 'builder'), 'id')
  const buildType = textAt(definition, 'buildType')
  const parameters = objectAt(definition, 'externalParameters')
  const dependencies = dependenciesOf(fieldAt(definition, 'resolvedDependencies'))
  if (builderId === undefined) return missing('runDetails.builder.id')
  if (buildType === undefined) return missing('buildDefinition.buildType')
  if (parameters === undefined) return missing('buildDefinition.externalParameters')
  if (dependencies === undefined) return malformed('buildDefinition.resolvedDependencies')
  const metadata = objectAt(details, 'metadata')
  const workflow = WORKFLOW_BUILD_TYPES.has(buildType) ? objectAt(parameters, 'workflow') : undefined
  const repository = textAt(workflow, 'repository')
  const ref = textAt(workflow, 'ref')
  const location = repository === undefined || ref === undefined ? undefined : `git+${repository}@${ref}`
  const commit = location === undefined ? undefined : dependencies.find(({ uri }) => uri === location)?.digest.get('gitCommit')
  return {
    ok: true,
    provenance: {
      version: 'v1',
      builderId,
      buildType,
      source: repository === undefined ? undefined : { repository, ref, commit: commit?.toLowerCase() },
      entryPoint: textAt(workflow, 'path'),
      parameters,
      dependencies,
      invocation: textAt(metadata, 'invocationId'),
      started: textAt(metadata, 'startedOn'),
      finished: textAt(metadata, 'finishedOn'),
    },
  }
}

function parseV02(predicate: JsonObject): ParsedProvenance {
  const builderId = textAt(objectAt(predicate, 'builder'), 'id')
  const buildType = textAt(predicate, 'buildType')
  const invocation = objectAt(predicate, 'invocation')
  const dependencies = dependenciesOf(fieldOf(predicate, 'materials'))
  if (builderId === undefined) return missing('builder.id')
  if (buildType === undefined) return missing('buildType')
  if (dependencies === undefined) return malformed('materials')
  const config = objectAt(invocation, 'configSource')
  const metadata = objectAt(predicate, 'metadata')
  return {
    ok: true,
    provenance: {
      version: 'v0.2',
      builderId,
      buildType,
      source: sourceOfUri(textAt(config, 'uri'), textAt(objectAt(config, 'digest'), 'sha1')),
      entryPoint: textAt(config, 'entryPoint'),
      parameters: objectAt(invocation, 'parameters') ?? {},
      dependencies,
      invocation: textAt(metadata, 'buildInvocationId'),
      started: textAt(metadata, 'buildStartedOn'),
      finished: textAt(metadata, 'buildFinishedOn'),
    },
  }
}

/** `git+https://host/owner/name@ref` */
function sourceOfUri(uri: string | undefined, commit: string | undefined): ProvenanceSource | undefined {
  if (uri?.startsWith('git+') !== true) return undefined
  const at = uri.lastIndexOf('@')
  const slash = uri.indexOf('/', 'git+https://'.length)
  const hasRef = at > slash
  const repository = uri.slice('git+'.length, hasRef ? at : undefined)
  return { repository, ref: hasRef ? uri.slice(at + 1) : undefined, commit: commit?.toLowerCase() }
}

function dependenciesOf(value: unknown): ProvenanceDependency[] | undefined {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || value.length > MAX_DEPENDENCIES) return undefined
  const dependencies: ProvenanceDependency[] = []
  for (const each of value) {
    if (!isJsonObject(each)) return undefined
    const digest = parseDigestSet(fieldOf(each, 'digest') ?? {})
    if (digest === undefined) return undefined
    dependencies.push({ uri: textAt(each, 'uri'), digest })
  }
  return dependencies
}

function fieldAt(object: JsonObject | undefined, name: string): unknown {
  return object === undefined ? undefined : fieldOf(object, name)
}

function objectAt(object: JsonObject | undefined, name: string): JsonObject | undefined {
  const value = fieldAt(object, name)
  return isJsonObject(value) ? value : undefined
}

function textAt(object: JsonObject | undefined, name: string): string | undefined {
  const value = fieldAt(object, name)
  return typeof value === 'string' && value !== '' ? value : undefined
}

function missing(path: string): ParsedProvenance {
  return { ok: false, why: `the provenance lacks ${path}` }
}

function malformed(path: string): ParsedProvenance {
  return { ok: false, why: `${path} of the provenance is malformed` }
}

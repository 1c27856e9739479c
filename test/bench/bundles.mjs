// 200 sigstore bundles verified offline in one process: our whole verifier (strict reading, the library's checks and those it
// lacks, statement, subject, signer) against the library's own loop over the same bundles (`bundleFromJSON`,
// `toSignedEntity`, `verify` with an identity policy, its trust material made once). The two take turns, each round in
// another order; medians. Run with `node test/bench/bundles.mjs`; `ASSAY_BENCH_RUNS` sets the number of rounds.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundleFromJSON } from '@sigstore/bundle'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify'

const ROOT = join(import.meta.dirname, '..', '..')
const OUT = join(import.meta.dirname, 'out')
const ENTRY = join(OUT, 'bundles-entry.ts')
const BUILT = join(OUT, 'bundles-built.mjs')
const BUNDLES = 200
const ALLOWED = 1.3
const runs = Number(process.env['ASSAY_BENCH_RUNS'] ?? 11)

async function build() {
  const { rolldown } = await import('rolldown')
  mkdirSync(OUT, { recursive: true })
  const modules = ['src/trust/sigstore/verifier', 'src/trust/sigstore/trusted-root', 'test/trust/support/sigstore-instance']
  writeFileSync(ENTRY, modules.map((module) => `export * from '../../../${module}.js'\n`).join(''))
  // One copy of the library for both.
  const bundle = await rolldown({ cwd: ROOT, input: ENTRY, platform: 'node', external: [/^@sigstore\//, /^@noble\//] })
  await bundle.write({ file: BUILT, format: 'esm', codeSplitting: false })
  rmSync(ENTRY)
  return import(pathToFileURL(BUILT).href)
}

/** Bundles of one instance made for this run: each with a certificate, a log entry and a proof of its own. */
async function made({ SigstoreInstance, readTrustedRoots, ISSUER, WORKFLOW }) {
  const instance = await SigstoreInstance.start()
  const root = rootOf(readTrustedRoots, Buffer.from(JSON.stringify(instance.rootJson())))
  const cases = []
  for (let at = 0; at < BUNDLES; at += 1) {
    const artifact = Buffer.from(`artifact ${at}`)
    const isMessage = at % 2 === 0
    const bundle = isMessage ? await instance.signMessage(artifact) : await instance.signStatement(statement(artifact))
    cases.push({ bundle: Buffer.from(JSON.stringify(bundle)), artifact, isMessage, issuer: ISSUER, san: WORKFLOW, root })
  }
  return { title: 'made for the run, half messages, half provenance', cases }
}

function statement(artifact) {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'artifact', digest: { sha256: sha256(artifact) } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: { buildType: 'https://example.org/build' },
      runDetails: { builder: { id: 'https://example.org' } },
    },
  }
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex')
}

function rootOf(readTrustedRoots, bytes) {
  const read = readTrustedRoots('root', bytes)
  if (!read.ok) throw new Error(read.why)
  const material = toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(bytes.toString())))
  return { roots: read.roots, verifier: new Verifier(material) }
}

/** The good cases of the conformance suite, over and over; undefined where the shared test data is not here. */
function ofTheSuite({ readTrustedRoots }) {
  const folder = join(process.env['ASSAY_SHARED'] ?? join(ROOT, '..', 'shared'), 'vectors', 'sigstore', 'conformance')
  if (!existsSync(folder)) return undefined
  const read = (path) => readFileSync(join(folder, path))
  const known = new Map()
  const good = JSON.parse(read('cases.json')).cases.flatMap((one) => {
    const { expected, key, bundle, artifact, identity: san, issuer, trustedRoot } = one
    // What the library itself refuses, or cannot do without more code, is no measure of it.
    if (expected !== 'pass' || key !== null || one.name.startsWith('rekor2-dsse')) return []
    if (!known.has(trustedRoot)) known.set(trustedRoot, rootOf(readTrustedRoots, read(trustedRoot)))
    const text = read(bundle)
    const isMessage = JSON.parse(text).messageSignature !== undefined
    return [{ bundle: text, artifact: read(artifact), isMessage, issuer, san, root: known.get(trustedRoot) }]
  })
  const cases = Array.from({ length: BUNDLES }, (_, at) => good[at % good.length])
  return { title: `the ${good.length} good ones of the conformance suite, over and over`, cases }
}

function libraryLoop(cases) {
  for (const { bundle, artifact, isMessage, issuer, san, root } of cases) {
    const entity = toSignedEntity(bundleFromJSON(JSON.parse(bundle.toString())), isMessage ? artifact : undefined)
    root.verifier.verify(entity, { subjectAlternativeName: san, extensions: { issuer } })
  }
}

async function ourLoop(cases, verifyBundle) {
  for (const { bundle, artifact, issuer, san, root } of cases) {
    const { outcome, checks } = await verifyBundle({
      bundle,
      artifact: { bytes: artifact, anchors: [] },
      roots: root.roots,
      signer: { kind: 'certificate', issuer, san },
    })
    if (outcome !== 'verified') throw new Error(JSON.stringify(checks))
  }
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

async function compare({ title, cases }, verifyBundle) {
  const time = async (loop) => {
    const started = performance.now()
    await loop()
    return performance.now() - started
  }
  const library = () => time(() => libraryLoop(cases))
  const ours = () => time(() => ourLoop(cases, verifyBundle))
  await library()
  await ours()
  const pairs = []
  for (let run = 0; run < runs; run += 1) {
    if (run % 2 === 0) pairs.push({ library: await library(), ours: await ours() })
    else {
      const own = await ours()
      pairs.push({ library: await library(), ours: own })
    }
  }
  return {
    title,
    ours: median(pairs.map((pair) => pair.ours)),
    library: median(pairs.map((pair) => pair.library)),
    ratio: median(pairs.map((pair) => pair.ours / pair.library)),
  }
}

const built = await build()
const sets = [await made(built), ofTheSuite(built)].filter((set) => set !== undefined)
const lines = ['| 200 bundles | ours | the library’s own loop | ratio | allowed |', '| --- | --- | --- | --- | --- |']
for (const set of sets) {
  const { title, ours, library, ratio } = await compare(set, built.verifyBundle)
  lines.push(`| ${title} | ${ours.toFixed(0)} ms | ${library.toFixed(0)} ms | ${ratio.toFixed(2)} | ${ALLOWED} |`)
  if (ratio > ALLOWED) process.exitCode = 1
}
const table = `${lines.join('\n')}\n`
writeFileSync(join(OUT, 'bundles.md'), table)
process.stdout.write(table)

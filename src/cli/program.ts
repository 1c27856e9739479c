import { Command, CommanderError, Option } from 'commander'
import { AssayError } from '../model/error.js'
import { VERSION } from '../version.js'
import { addAttest } from './attest-command.js'
import type { AddOptions, Context, Finish, MakeContext } from './declare.js'
import { answering, collect, isGiven, judging, reading, verifying, wholeNumber } from './declare.js'
import type { ExitCode } from './exit-code.js'
import { EXIT, exitCodeOf } from './exit-code.js'
import {
  declareImage,
  declareSigner,
  imageSbomOptions,
  namesImage,
  refuseImageOptions,
  verifyImageOptions,
} from './image-options.js'
import { addMirror } from './mirror-command.js'
import type {
  AuditOptions,
  BaselineOptions,
  CacheOptions,
  DoctorOptions,
  EvidenceExportOptions,
  ExplainOptions,
  GraphOptions,
  ImageSbomOptions,
  InitOptions,
  SbomOptions,
  VerifyCommandOptions,
  VerifyImageOptions,
  WaiveOptions,
} from './options.js'
import type { ColorChoice } from './terminal.js'
import { openTerminal } from './terminal.js'
import { addTrust } from './trust-command.js'
import { artifactOptions, declareVerify, isAboutArtifact } from './verify-command.js'
import { declareGitRef, gitRefOptions } from './verify-git-ref.js'
import { declareVsa, vsaOptions } from './verify-vsa.js'

interface GlobalOptions {
  readonly color: ColorChoice
  readonly quiet?: boolean
  readonly verbose?: boolean
}

/** Runs the command line and sets the exit code of the process; never throws. */
export async function run(args: readonly string[]): Promise<void> {
  let code: ExitCode = EXIT.clean
  const program = buildProgram(args, (result) => {
    code = result
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
    process.exitCode = code
  } catch (error) {
    process.exitCode = report(error)
  }
}

/** Prints what went wrong, for a person, and says which exit code it is. */
function report(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.clean : EXIT.usage
  if (error instanceof AssayError && error.code !== 'internal') {
    process.stderr.write(`assay: ${error.message}\n${error.help === '' ? '' : `  ${error.help}\n`}`)
    return exitCodeOf(error)
  }
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(
    `assay: internal error: ${message}\n  This is a bug in assay ${VERSION}; no report was written. Please report it with the command you ran.\n`,
  )
  if (process.env['ASSAY_DEBUG'] !== undefined && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`)
  return EXIT.internal
}

/**
 * The command line. Where a command is called only that one gets its options, since declaring those of all takes a good
 * part of a short run; the others are there by name, for suggestions.
 */
function buildProgram(args: readonly string[], finish: Finish): Command {
  const program = new Command('assay')
    .description('Audits the software supply chain of Cargo, Go, Zig and Nim projects.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .addOption(new Option('--color <when>', 'colour the output').choices(['auto', 'always', 'never']).default('auto'))
    .option('-q, --quiet', 'say nothing but errors and the data asked for')
    .option('-v, --verbose', 'say more')
    .showSuggestionAfterError(true)
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .addHelpText('after', EXAMPLES)
  const context = (command: Command): Context => {
    const options = command.optsWithGlobals<GlobalOptions>()
    return { terminal: openTerminal({ color: options.color, quiet: options.quiet === true, verbose: options.verbose === true }) }
  }
  // Any word may be the command (`assay -q sbom`, `assay help sbom`); one too many does no harm.
  const isCalled = COMMANDS.some(([name]) => args.includes(name))
  for (const [name, about, add] of COMMANDS) {
    const command = program.command(name).description(about)
    if (!isCalled || args.includes(name)) add(command, context, finish)
  }
  return program
}

const EXAMPLES = `
Examples:
  assay audit                               judge this folder; exit code 1 when something is wrong
  assay sbom -o cyclonedx-1.6-json=bom.json write an SBOM
  assay graph --format tree                 show what is built from what
  assay explain serde                       why is it here, what is known about it

Exit codes: 0 clean, 1 violations, 2 usage or configuration, 3 could not verify, 4 input unreadable or nothing
found, 70 internal error, 130 interrupted.`

function addAudit(command: Command, context: MakeContext, finish: Finish): void {
  verifying(judging(reading(command)))
    .addOption(new Option('--format <name>', 'what to print on stdout').choices(['text', 'json', 'sarif']).default('text'))
    .option('--json', 'the same as --format json')
    .option('-o, --output <format=file>', 'also write text, json or sarif to a file; may be repeated', collect, [])
    .addHelpText(
      'after',
      '\nExamples:\n  assay audit\n  assay audit --offline\n  assay audit --bytes\n  assay audit services/api --profile strict\n  assay audit Cargo.lock\n  assay audit git:.#v1.2.0\n  assay audit -o sarif=reports/assay.sarif -o json=reports/assay.json',
    )
    .action(async (path: string, options: AuditOptions, command: Command) => {
      finish(await (await import('./commands/audit.js')).run(path, options, context(command)))
    })
}

function addSbom(command: Command, context: MakeContext, finish: Finish): void {
  declareSigner(verifying(answering(reading(command))))
    .option('--verify', 'ask authorities, and write what they say into the documents')
    .option('--format <name>', 'format on stdout (default: cyclonedx-1.6-json); --format list shows all')
    .option('-o, --output <format=file>', 'write this format to a file; may be repeated', collect, [])
    .option('--timestamp <time>', 'time stated in the document, RFC 3339 UTC (default: SOURCE_DATE_EPOCH, else now)')
    .option('--include-inactive', 'also list what no selected feature or target reaches')
    .option('--validate', 'check every document against its schema before handing it out')
    .addHelpText(
      'after',
      '\nExamples:\n  assay sbom > bom.cdx.json\n  assay sbom oci:registry.example/acme/app@sha256:… --format spdx\n  assay sbom --format spdx-2.3-json\n  SOURCE_DATE_EPOCH=1767225600 assay sbom -o cyclonedx-1.6-json=bom.cdx.json -o spdx-2.3-json=bom.spdx.json',
    )
    .action(async (path: string, options: SbomOptions & Omit<ImageSbomOptions, 'image'>, own: Command) => {
      if (namesImage(path)) {
        const image = imageSbomOptions(path, options, own)
        finish(await (await import('./commands/image-sbom.js')).run(image, context(own)))
        return
      }
      refuseImageOptions(own)
      finish(await (await import('./commands/sbom.js')).run(path, options, context(own)))
    })
}

function addGraph(command: Command, context: MakeContext, finish: Finish): void {
  reading(command)
    .addOption(new Option('--format <name>', 'how to print it').choices(['tree', 'json', 'dot']).default('tree'))
    .option('--json', 'the same as --format json')
    .option('-o, --output <file>', 'write to a file')
    .addHelpText(
      'after',
      '\nExamples:\n  assay graph\n  assay graph --json | jq .components\n  assay graph --format dot | dot -Tsvg > graph.svg',
    )
    .action(async (path: string, options: GraphOptions, command: Command) => {
      finish(await (await import('./commands/graph.js')).run(path, options, context(command)))
    })
}

function addExplain(command: Command, context: MakeContext, finish: Finish): void {
  judging(reading(command.argument('<what>', 'a component (name, name@version or purl) or a rule id')))
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  assay explain serde\n  assay explain golang.org/x/text@v0.3.0\n  assay explain integrity/unpinned',
    )
    .action(async (what: string, path: string, options: ExplainOptions, command: Command) => {
      finish(await (await import('./commands/explain.js')).run(what, path, options, context(command)))
    })
}

function addInit(command: Command, context: MakeContext, finish: Finish): void {
  command
    .argument('[folder]', 'where to write assay.toml', '.')
    .addOption(
      new Option('--profile <name>', 'profile to start from')
        .choices(['relaxed', 'recommended', 'strict'])
        .default('recommended'),
    )
    .addHelpText('after', '\nExamples:\n  assay init\n  assay init --profile strict')
    .action(async (folder: string, options: InitOptions, command: Command) => {
      finish(await (await import('./commands/init.js')).run(folder, options, context(command)))
    })
}

function addWaive(command: Command, context: MakeContext, finish: Finish): void {
  judging(reading(command.argument('<finding>', 'fingerprint of the finding, or its first 8 characters')))
    .requiredOption('--owner <who>', 'who answers for it')
    .requiredOption('--reason <text>', 'why, at least 15 characters')
    .requiredOption('--days <number>', 'how long it holds', wholeNumber)
    .addHelpText(
      'after',
      '\nExample:\n  assay waive 3f9a1c20 --owner team@example.org --days 30 --reason "fork until upstream releases 1.4"',
    )
    .action(async (finding: string, path: string, options: WaiveOptions, command: Command) => {
      finish(await (await import('./commands/waive.js')).run(finding, path, options, context(command)))
    })
}

function addBaseline(command: Command, context: MakeContext, finish: Finish): void {
  judging(reading(command))
    .option('-o, --output <file>', 'the file', 'assay-baseline.json')
    .option('--accept-new', 'also take in findings that the file does not hold yet')
    .addHelpText('after', '\nExamples:\n  assay baseline\n  assay audit --baseline assay-baseline.json')
    .action(async (path: string, options: BaselineOptions, command: Command) => {
      finish(await (await import('./commands/baseline.js')).run(path, options, context(command)))
    })
}

function addVerify(command: Command, context: MakeContext, finish: Finish): void {
  declareImage(declareVerify(declareVsa(declareGitRef(verifying(answering(reading(command))))))).action(
    async (path: string, options: VerifyCommandOptions & Omit<VerifyImageOptions, 'image'>, own: Command) => {
      if (namesImage(path)) {
        const image = verifyImageOptions(path, options, own)
        finish(await (await import('./commands/verify-image.js')).run(image, context(own)))
        return
      }
      refuseImageOptions(own, ['strict', 'plainHttp', ...(isGiven(own, 'artifact') ? [] : ['evidenceOut'])])
      const ofVsa = vsaOptions(options, own)
      const ofGitRef = gitRefOptions(options, own)
      if (ofVsa !== undefined) finish(await (await import('./commands/verify-vsa.js')).run(path, ofVsa, context(own)))
      else if (ofGitRef !== undefined)
        finish(await (await import('./commands/verify-git-ref.js')).run(path, ofGitRef, context(own)))
      else if (isAboutArtifact(own))
        finish(await (await import('./commands/verify-artifact.js')).run(artifactOptions(options, own), context(own)))
      else finish(await (await import('./commands/verify.js')).run(path, options, context(own)))
    },
  )
}

function addEvidence(command: Command, context: MakeContext, finish: Finish): void {
  verifying(reading(command.command('export')))
    .description('Ask as audit does, and keep everything that was said in one file.')
    .requiredOption('-o, --output <pack>', 'the file')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  assay evidence export -o evidence.tar\n  assay audit --offline --evidence evidence.tar')
    .action(async (path: string, options: EvidenceExportOptions, own: Command) => {
      finish(await (await import('./commands/evidence.js')).runExport(path, options, context(own)))
    })
  command
    .command('check')
    .argument('<pack>', 'an evidence pack')
    .description('Check that a pack is whole, and show what is in it.')
    .option('--json', 'print JSON')
    .action(async (pack: string, options: { readonly json?: boolean }, own: Command) => {
      finish(await (await import('./commands/evidence.js')).runCheck(pack, options.json === true, context(own)))
    })
  command.addHelpText('after', '\nExamples:\n  assay evidence export -o evidence.tar\n  assay evidence check evidence.tar')
}

function addDoctor(command: Command, context: MakeContext, finish: Finish): void {
  command
    .argument('[path]', 'a folder, a manifest or lockfile, or git:FOLDER#REF', '.')
    .option('--config <file>', 'use this assay.toml (default: the nearest one up to the repository root)')
    .option('--no-config', 'use no configuration file')
    .option('--exclude <glob>', 'leave out what matches; may be repeated', collect, [])
    .option('--include <glob>', 'read folders that would be left out; may be repeated', collect, [])
    .option('--offline', 'explain the configuration and ask nobody (also: ASSAY_OFFLINE=1)')
    .option('--json', 'print JSON (schemas/doctor.schema.json)')
    .addHelpText(
      'after',
      `
It reads the files of the tree, the variables of this machine and the settings files of the package managers, says of
every source what it means, and asks each one three times. Every check comes with the command that repeats it by hand.

Exit codes: 0 all fine, 1 a source is unsafe (checks off, plain http, a credential in a URL, a chain that ends nowhere,
another answer than everybody gives), 3 a source is not reachable, 4 nothing is configured or it cannot be read.

Examples:
  assay doctor
  assay doctor --offline
  assay doctor services/api --json
  GOPROXY='https://proxy.example.org|https://proxy.golang.org,direct' assay doctor`,
    )
    .action(async (path: string, options: DoctorOptions, own: Command) => {
      finish(await (await import('./commands/doctor.js')).run(path, options, context(own)))
    })
}

function addCache(command: Command, context: MakeContext, finish: Finish): void {
  command
    .option('--prune', 'remove what was not used for 90 days')
    .option('--max-age <days>', 'remove what was not used for so many days', wholeNumber)
    .option('--max-size <MiB>', 'remove the least recently used beyond this size', wholeNumber)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  assay cache\n  assay cache --prune\n  assay cache --max-size 500')
    .action(async (options: CacheOptions, own: Command) => {
      finish(await (await import('./commands/cache.js')).run(options, context(own)))
    })
}

const COMMANDS: readonly (readonly [name: string, about: string, add: AddOptions])[] = [
  ['audit', 'The gate: read, judge, report.', addAudit],
  ['sbom', 'Write an SBOM. Opens no socket unless told to verify.', addSbom],
  ['graph', 'The component graph. Opens no socket.', addGraph],
  ['explain', 'Why is it here, what is known about it, what to do.', addExplain],
  ['verify', 'Evidence only: every component against the authorities that can say what it is.', addVerify],
  ['doctor', 'Where packages come from on this machine: what is configured, what it means, whether it works.', addDoctor],
  ['evidence', 'Evidence packs: everything an audit was told, in one file, for a replay without a network.', addEvidence],
  ['mirror', 'Compare sources of packages; make a verified store for building without a network.', addMirror],
  ['attest', 'Audit, and sign the decision and SBOMs.', addAttest],
  ['trust', 'Trusted roots: which would be used, and fetching the newest through TUF.', addTrust],
  ['cache', 'What is kept between runs, and clearing it out.', addCache],
  ['init', 'Write a commented assay.toml.', addInit],
  ['waive', 'Add a waiver for one finding to assay.toml.', addWaive],
  [
    'baseline',
    'Write the open findings to a baseline file, so that only new ones count. A file that is there only shrinks.',
    addBaseline,
  ],
]

import type { Command } from 'commander'
import { InvalidArgumentError, Option } from 'commander'
import type { ExitCode } from './exit-code.js'
import type { Terminal } from './terminal.js'

/** What every command gets: the terminal as the global options set it. */
export interface Context {
  readonly terminal: Terminal
}

export type MakeContext = (command: Command) => Context
export type Finish = (code: ExitCode) => void
/** Declares the arguments, options and action of one command. */
export type AddOptions = (command: Command, context: MakeContext, finish: Finish) => void

/** Options of everything that reads a tree. */
export function reading(command: Command): Command {
  return readingOptions(
    command.argument('[path]', 'a folder, a manifest or lockfile, or git:FOLDER#REF to read a commit without a checkout', '.'),
  )
}

export function readingOptions(command: Command): Command {
  return command
    .option('--config <file>', 'use this assay.toml (default: the nearest one up to the repository root)')
    .option('--no-config', 'use no configuration file')
    .option('--exclude <glob>', 'leave out what matches; may be repeated', collect, [])
    .option('--include <glob>', 'read folders that would be left out; may be repeated', collect, [])
    .option('--gomodcache <folder>', 'Go module cache to read .mod files from')
    .option('--zig-cache <folder>', 'Zig package cache to read manifests from')
    .option('--cargo-home <folder>', 'cargo home to read manifests of registry crates from')
    .option('--nimble-packages <folder>', 'nimble package folder to read manifests from')
    .option('--target <triple>', 'select for this target; may be repeated (default: all targets)', collect, [])
    .option('--features <list>', 'select these cargo features, comma-separated (default: everything the lock holds)', commaList)
    .option('--environment', 'obey the CARGO_* and GO* variables of this machine, as their tools do')
}

/** Options of everything that judges. */
export function judging(command: Command): Command {
  return answering(command)
    .addOption(new Option('--profile <name>', 'profile to start from').choices(['relaxed', 'recommended', 'strict', 'audit']))
    .option('--rule <id=severity>', 'set a severity (error, warn, note, off); may be repeated', collect, [])
    .option('--allow-weaken', 'let --rule lower a severity even when CI is set')
    .option('--baseline <file>', 'findings listed there count as inherited')
    .option('--as-of <date>', 'judge waivers as of this day, YYYY-MM-DD (default: today)')
}

/** Options of everything that can use evidence. */
export function answering(command: Command): Command {
  return command
    .option('--evidence <pack>', 'answer from this evidence pack instead of asking')
    .option('--evidence-digest <sha256>', 'refuse any other pack')
}

/** Options of everything that may ask authorities. */
export function verifying(command: Command): Command {
  return command
    .option('--offline', 'open no socket; without --evidence nothing is verified (also: ASSAY_OFFLINE=1)')
    .option('--bytes', 'fetch the artifacts themselves and hash them')
    .option('--source', 'compare published artifacts with the source they name')
    .option('--no-store', 'neither use nor keep answers of other runs')
}

export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}

export function commaList(value: string): readonly string[] {
  return value.split(',').filter((part) => part !== '')
}

export function wholeNumber(value: string): number {
  if (!/^[1-9]\d{0,4}$/.test(value)) throw new InvalidArgumentError('It must be a whole number of days.')
  return Number(value)
}

/** Whether an option stands on the command line. */
export function isGiven(command: Command, name: string): boolean {
  return command.getOptionValueSource(name) === 'cli'
}

/** An option as it is written, by the name commander gives it. */
export function flag(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

import type { Command } from 'commander'
import type { Finish, MakeContext } from './declare.js'
import { reading, readingOptions } from './declare.js'
import type { MirrorCompareOptions, MirrorFetchOptions } from './options.js'

/** Declares `assay mirror` with its two parts. */
export function addMirror(command: Command, context: MakeContext, finish: Finish): void {
  const asking = (own: Command): Command =>
    own
      .option('--offline', 'open no socket: only what is kept or stored already is looked at (also: ASSAY_OFFLINE=1)')
      .option('--no-store', 'neither use nor keep answers of other runs')
      .option('--json', 'print JSON')
  asking(
    readingOptions(
      command
        .command('compare')
        .argument('[source...]', 'cargo=URL, go=URL, zig=URL or zig=origin; without any, the mirrors of assay.toml'),
    ),
  )
    .description('Whether sources have what the lockfiles pin: missing, lagging, other bytes.')
    .option('--lock <path>', 'what pins the packages: a folder or a lockfile', '.')
    .option('--no-bytes', 'compare what indexes say, and fetch no package')
    .addHelpText(
      'after',
      '\nExamples:\n  assay mirror compare cargo=sparse+https://mirror.example/index/ cargo=sparse+https://index.crates.io/\n  assay mirror compare go=https://goproxy.example --lock services/api\n  assay mirror compare --no-bytes',
    )
    .action(async (urls: readonly string[], options: MirrorCompareOptions, own: Command) => {
      finish(await (await import('./commands/mirror.js')).runCompare(urls, options, context(own)))
    })
  asking(reading(command.command('fetch')))
    .description('Make or complete a verified store that cargo, go, zig and nimble can use without a network.')
    .requiredOption('-o, --output <folder>', 'the folder of the store')
    .addHelpText('after', '\nExamples:\n  assay mirror fetch -o store\n  assay mirror fetch services/api -o /media/usb/store')
    .action(async (path: string, options: MirrorFetchOptions, own: Command) => {
      finish(await (await import('./commands/mirror.js')).runFetch(path, options, context(own)))
    })
  command.addHelpText(
    'after',
    '\nExamples:\n  assay mirror compare go=https://goproxy.example\n  assay mirror fetch -o store\n\nExit codes: 1 where a source differs or its bytes are refused, 3 where one gave no answer.',
  )
}

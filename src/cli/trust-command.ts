import type { Command } from 'commander'
import type { Finish, MakeContext } from './declare.js'
import { collect } from './declare.js'
import type { TrustShowOptions, TrustUpdateOptions } from './options.js'

/** Declares `assay trust` with its two parts. */
export function addTrust(command: Command, context: MakeContext, finish: Finish): void {
  command
    .command('update')
    .description('Fetch the trusted root of sigstore, or of another instance, through TUF, and keep it in the cache folder.')
    .option('--mirror <url>', 'TUF repository (default: that of the public instance)')
    .option('--root <file>', 'its initial root.json; needed the first time with --mirror')
    .option('--target <name>', 'target of the repository that is the trusted root', 'trusted_root.json')
    .option('-o, --output <file>', 'also write the root to this file')
    .option('--offline', 'refuse: nothing can be fetched (also: ASSAY_OFFLINE=1)')
    .option('--json', 'print JSON (schemas/trust-roots.schema.json)')
    .addHelpText(
      'after',
      '\nThe root of the public instance is used by runs with trust.online-roots or --online-roots until what vouches for it\nexpires, about a week later. That of another repository is used where its file is named (--trusted-root, trust.roots).\n\nExamples:\n  assay trust update\n  assay trust update --mirror https://tuf-repo.github.com --root github-root.json -o roots/github.json\n\nExit codes: 0 fetched or confirmed, 1 what the mirror says does not hold, is expired or older than before, 3 no answer.',
    )
    .action(async (options: TrustUpdateOptions, own: Command) => {
      finish(await (await import('./commands/trust.js')).runUpdate(options, context(own)))
    })
  command
    .command('show')
    .description('Which trusted roots would be used, how old they are, and which logs and authorities they name. Asks nobody.')
    .argument('[path]', 'a folder whose assay.toml counts', '.')
    .option('--config <file>', 'use this assay.toml (default: the nearest one up to the repository root)')
    .option('--no-config', 'use no configuration file')
    .option('--trusted-root <file>', 'trusted_root.json or JSON lines of them; may be repeated', collect, [])
    .option('--online-roots', 'the root that assay trust update fetched last')
    .option('--json', 'print JSON (schemas/trust-roots.schema.json)')
    .addHelpText(
      'after',
      '\nExamples:\n  assay trust show\n  assay trust show --online-roots --json\n\nExit codes: 0 they can be used, 1 they cannot.',
    )
    .action(async (path: string, options: TrustShowOptions, own: Command) => {
      finish(await (await import('./commands/trust.js')).runShow(path, options, context(own)))
    })
  command.addHelpText('after', '\nExamples:\n  assay trust update\n  assay trust show')
}

import type { Context } from '../declare.js'
import type { ExitCode } from '../exit-code.js'
import { EXIT } from '../exit-code.js'
import type { InitOptions } from '../options.js'

/** `assay init`: a commented configuration; an existing one is never overwritten. */
export async function run(folder: string, options: InitOptions, context: Context): Promise<ExitCode> {
  const { createConfig } = await import('../../audit/edit-config.js')
  const path = createConfig(folder, options.profile)
  context.terminal.say(`wrote ${path}; assay audit uses it from now on`)
  return EXIT.clean
}

import { allOutputs, digestLines } from './all-outputs.js'
import { RICH_INPUT, RICH_REPORT } from './rich.js'

/** A program of its own, for runs in other surroundings: prints the digest of every output of the rich graph. */
process.stdout.write(digestLines(await allOutputs(RICH_INPUT, RICH_REPORT)))

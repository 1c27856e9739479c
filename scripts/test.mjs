// All tests. Further words are handed to vitest: `npm test -- test/model`.
import { runPackage } from './steps.mjs'

process.exit(runPackage('vitest', 'vitest', ['run', ...process.argv.slice(2)]))

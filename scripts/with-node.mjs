// Runs vitest with another Node: `node scripts/with-node.mjs NODE run …`. Child processes of the tests use it too,
// because they are started with `process.execPath`.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from './steps.mjs'

const [node, ...args] = process.argv.slice(2)
const { status } = spawnSync(node, [join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'), ...args], { cwd: ROOT, stdio: 'inherit' })
process.exit(status ?? 1)

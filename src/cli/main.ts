#!/usr/bin/env node
import { VERSION } from '../version.js'

// The two questions that scripts ask most are answered before anything is loaded.
const first = process.argv[2]
if (process.argv.length === 3 && (first === '--version' || first === '-V')) process.stdout.write(`${VERSION}\n`)
else void import('./program.js').then(({ run }) => run(process.argv.slice(2)))

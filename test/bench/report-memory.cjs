// Loaded with `node --require` before the program under measurement: prints its peak memory when it leaves.
const { writeSync } = require('node:fs')

process.on('exit', () => writeSync(2, `\nPEAK ${process.resourceUsage().maxRSS}\n`))

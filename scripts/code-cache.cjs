'use strict'
// Copied beside the command by the build. The engine spends most of a short run on compiling; the build lets it compile
// once and keeps the result beside each chunk. Node 22 has `module.enableCompileCache` for this, which writes where the user did not
// ask; Node 20 has nothing. What another version or other flags of Node would not accept is compiled as ever.
const { readFileSync, writeFileSync } = require('node:fs')
const Module = require('node:module')
const { dirname, join, sep } = require('node:path')
const { Script } = require('node:vm')

const chunks = join(__dirname, 'chunks') + sep
const compile = Module.prototype._compile
const scripts = new Map()
const making = process.env.ASSAY_BUILD_CODE_CACHE === '1'

Module.prototype._compile = function compileWithCache(content, filename, ...rest) {
  if (!filename.startsWith(chunks)) return compile.call(this, content, filename, ...rest)
  // The names of chunks carry a hash of their content, so that a cache never meets another text.
  const cachedData = making ? undefined : read(`${filename}.cache`)
  if (cachedData === undefined && !making) return compile.call(this, content, filename, ...rest)
  const script = new Script(Module.wrap(content), { filename, cachedData })
  if (making) scripts.set(filename, script)
  const require = (id) => this.require(id)
  return script.runInThisContext().call(this.exports, this.exports, require, this, filename, dirname(filename))
}

/** For the build: keeps what was compiled up to now. */
exports.write = () => {
  for (const [filename, script] of scripts) writeFileSync(`${filename}.cache`, script.createCachedData())
}

function read(path) {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}

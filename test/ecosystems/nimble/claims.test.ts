import { expect, it } from 'vitest'
import { claimNimble } from '../../../src/ecosystems/nimble/claims.js'

it.each([
  ['a/b/nimble.lock', 'nimble-lock'],
  ['chronos.nimble', 'nimble-manifest'],
  ['x/nimble.develop', 'nimble-develop'],
  ['nimble.paths', 'nimble-paths'],
  ['nimbledeps/pkgs2/a-1-x/nimblemeta.json', 'nimble-meta'],
  ['atlas.lock', 'atlas-lock'],
  ['deps/atlas.config', 'atlas-config'],
  ['atlas.workspace', 'atlas-workspace'],
  ['a.nimble-link', 'nimble-link'],
  ['.nimble', undefined],
  ['requires', undefined],
  ['config.nims', undefined],
  ['.gitmodules', undefined],
  ['my-nimble.lock', undefined],
  ['nimble.lock.bak', undefined],
  ['nimble', undefined],
  ['packages.json', undefined],
])('%s: %s', (path, format) => expect(claimNimble(path)).toBe(format))

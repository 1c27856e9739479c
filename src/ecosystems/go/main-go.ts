import { DEFAULT_GO } from './go-version.js'
import type { MainFile } from './view.js'

/** The version of Go a main module asks for; without a go line it counts as an old one. */
export function goOf(main: MainFile): string {
  return main.mod.go?.value ?? DEFAULT_GO
}

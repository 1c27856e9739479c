import { baseName } from '../model/tree.js'

/** A file that says what a container image is built from, by its name. */
export function isContainerFile(path: string): boolean {
  return /^(?:Dockerfile|Containerfile)(?:\.[^/]+)?$|\.(?:[Dd]ockerfile|[Cc]ontainerfile)$/.test(baseName(path))
}

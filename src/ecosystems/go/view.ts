import type { ProjectId } from '../../model/component.js'
import type { SourceTree } from '../../model/tree.js'
import type { GoFlags } from './go-flags.js'
import { compareGoVersions } from './go-version.js'
import type { ModuleCache } from './mod-documents.js'
import type { ModFile, WorkFile } from './mod-file.js'
import type { SumIndex } from './sum-index.js'
import type { VendorList } from './vendor-list.js'

/** A go.mod with a module line, as something that is built. */
export interface MainFile {
  readonly mod: ModFile
  readonly path: string
  readonly folder: string
  /** There is a program in it: a `package main` at its root or below cmd. */
  readonly application: boolean
}

/** A vendor folder and whether the go command takes it (spec/go.md §5.1). */
export interface VendorFolder {
  readonly folder: string
  readonly list: VendorList
  /** Why it is not used; undefined when it is. */
  readonly unused: string | undefined
}

/** One way to build: a module alone, or all modules of a go.work together (spec/go.md §4.2). */
export interface View {
  readonly id: ProjectId
  readonly kind: 'module' | 'workspace'
  readonly folder: string
  /** The go.mod or go.work that heads it. */
  readonly file: string
  readonly mains: readonly MainFile[]
  readonly work: WorkFile | undefined
  readonly sums: SumIndex
  /** A go.sum is there, whether or not it could be read. */
  readonly hasSumFile: boolean
  readonly lockfiles: readonly string[]
  readonly vendor: VendorFolder | undefined
}

/** What a view is built from beside its own files. */
export interface Surroundings {
  readonly tree: SourceTree
  readonly caches: readonly ModuleCache[]
}

/** Why the go command does not take a vendor folder; undefined when it does. */
export function whyVendorUnused(
  list: VendorList,
  go: string | undefined,
  workspace: boolean,
  flags: GoFlags,
): string | undefined {
  if (flags.mod === 'mod' || flags.mod === 'readonly') return `GOFLAGS says -mod=${flags.mod}`
  if (list.workspace !== workspace)
    return list.workspace ? 'it was made for a workspace' : 'it was made for a module alone, and a go.work applies'
  if (flags.mod === 'vendor') return undefined
  if (go === undefined) return 'there is no go line'
  return compareGoVersions(go, '1.14') < 0 ? `the go line says ${go}, and only from 1.14 on it is taken by itself` : undefined
}

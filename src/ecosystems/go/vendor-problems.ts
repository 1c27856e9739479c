import type { Location } from '../../model/location.js'
import { folderOf, resolvePath } from '../../model/tree.js'
import type { ReplaceTarget } from './mod-file.js'
import type { ReplaceTable } from './replace-table.js'
import { targetLabel } from './replace-table.js'
import type { VendoredModule } from './vendor-list.js'
import { vendoredCode } from './vendor-list.js'
import type { View } from './view.js'

/** One difference between modules.txt and the manifests, in the order the go command lists them (spec/go.md §5.3). */
export interface VendorProblem {
  readonly kind:
    | 'required-not-explicit'
    | 'replaced-not-marked'
    | 'replacement-differs'
    | 'explicit-not-required'
    | 'replaced-not-in-go-mod'
  /** `path@version`, or the path of a replacement of every version. */
  readonly module: string
  readonly goMod?: string | undefined
  readonly modulesTxt?: string | undefined
  readonly location: Location
}

/** Compares modules.txt with go.mod, or go.work and its members. */
export function vendorProblems(view: View, replaces: ReplaceTable): readonly VendorProblem[] {
  if (view.vendor === undefined || view.vendor.unused !== undefined) return []
  const { list } = view.vendor
  const byKey = new Map(list.modules.map((module) => [keyOf(module.path, module.version), module]))
  return [
    ...requirementProblems(view, byKey),
    ...replacementProblems(view, replaces, byKey),
    ...explicitProblems(view),
    ...strayReplacements(list.modules, replaces),
  ]
}

function keyOf(path: string, version: string | undefined): string {
  return version === undefined ? path : `${path}@${version}`
}

function requirementProblems(view: View, byKey: ReadonlyMap<string, VendoredModule>): VendorProblem[] {
  const requirements = view.mains.flatMap((main) => main.mod.require)
  const missing = requirements.filter(({ path, version }) => byKey.get(keyOf(path, version))?.explicit !== true)
  return missing.map(({ path, version, location }) => ({ kind: 'required-not-explicit', module: keyOf(path, version), location }))
}

function replacementProblems(view: View, replaces: ReplaceTable, byKey: ReadonlyMap<string, VendoredModule>): VendorProblem[] {
  return [...replaces.modules, ...replaces.work].flatMap((line): VendorProblem[] => {
    const module = keyOf(line.path, line.version)
    const marked = byKey.get(module)?.replacement
    if (marked === undefined) return [{ kind: 'replaced-not-marked', module, location: line.location }]
    // In a workspace modules.txt names directories as seen from the go.work.
    const wanted = view.kind === 'workspace' ? place(line.target, folderOf(line.location.file)) : targetLabel(line.target)
    const found = view.kind === 'workspace' ? place(marked, view.folder) : targetLabel(marked)
    if (wanted === found) return []
    const [goMod, modulesTxt] = [targetLabel(line.target), targetLabel(marked)]
    return [{ kind: 'replacement-differs', module, goMod, modulesTxt, location: line.location }]
  })
}

function place(target: ReplaceTarget, base: string): string {
  return target.kind === 'module' ? targetLabel(target) : (resolvePath(base, target.path) ?? target.path)
}

function explicitProblems(view: View): VendorProblem[] {
  const required = new Set(view.mains.flatMap((main) => main.mod.require.map(({ path, version }) => keyOf(path, version))))
  const code = view.vendor === undefined ? [] : [...vendoredCode(view.vendor.list).values()]
  return code
    .filter((module) => module.explicit && !required.has(keyOf(module.path, module.version)))
    .map(({ path, version, location }) => ({ kind: 'explicit-not-required', module: keyOf(path, version), location }))
}

function strayReplacements(modules: readonly VendoredModule[], replaces: ReplaceTable): VendorProblem[] {
  return modules
    .filter(({ path, version, replacement }) => replacement !== undefined && replaces.find(path, version ?? '') === undefined)
    .map(({ path, version, location }) => ({ kind: 'replaced-not-in-go-mod', module: keyOf(path, version), location }))
}

import { claimZig } from '../../../src/ecosystems/zig/claims.js'
import { zig } from '../../../src/ecosystems/zig/index.js'
import type { Component } from '../../../src/model/component.js'
import type { Inventory } from '../../../src/model/graph.js'
import type { SourceTree } from '../../../src/model/tree.js'
import { claimedFiles } from '../../support/claimed-files.js'
import { MemoryTree } from '../../support/memory-tree.js'

/** The inventory of a tree, or of files in memory. */
export async function readZig(
  from: SourceTree | Readonly<Record<string, string | Uint8Array>>,
  caches: Readonly<Record<string, SourceTree>> = {},
): Promise<Inventory> {
  const tree = isTree(from) ? from : new MemoryTree(from)
  return zig.read({
    tree,
    files: await claimedFiles(tree, claimZig),
    options: { caches: new Map(Object.entries(caches)), environment: new Map(), targets: [], features: undefined },
  })
}

function isTree(from: SourceTree | Readonly<Record<string, string | Uint8Array>>): from is SourceTree {
  return typeof from['read'] === 'function'
}

/** A manifest that zig 0.14 and later accept, with the given fields added. */
export function manifest(fields: string, name = 'demo', fingerprint = '0xd642dfa000000001'): string {
  return `.{
    .name = .${name},
    .version = "1.0.0",
    .fingerprint = ${fingerprint},
    .minimum_zig_version = "0.14.0",
    .paths = .{ "build.zig", "build.zig.zon", "src" },
    ${fields}
}
`
}

/** A manifest with these entries under `dependencies`. */
export function withDependencies(entries: string): string {
  return manifest(`.dependencies = .{ ${entries} },`)
}

export function one(inventory: Inventory, name: string): Component {
  const found = inventory.components.filter((component) => component.name === name)
  const [component, ...others] = found
  if (component === undefined || others.length > 0) throw new Error(`${found.length} components are named ${name}`)
  return component
}

import type { Component } from '../../../model/component.js'
import type { Said } from './said.js'

/**
 * The tag of a locked version against the locked commit (spec/nimble.md §8). A tag may have any prefix without digits
 * (§6); tag and manifest may state two versions, which is told.
 */
export function checkTag(
  { version = '', properties }: Component,
  commit: string,
  tags: ReadonlyMap<string, { readonly commit: string }>,
  manifestVersion: string | undefined,
): Said {
  const special = properties.find(({ name }) => name === 'assay:nimble:version')?.value
  if (special !== undefined || !/^\d/.test(version) || version === commit)
    return { verdict: 'not-checkable', why: `it is locked as ${special ?? 'a commit'}, which is no release` }
  const manifest =
    manifestVersion === undefined || manifestVersion === version ? '' : `; the manifest in the commit says ${manifestVersion}`
  const named = [...tags]
    .filter(([name]) => name.replace(/^\D*/, '') === version)
    .sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1))
  const [right = named[0]] = named.filter(([, tag]) => tag.commit === commit)
  if (right === undefined) return { verdict: 'not-checkable', why: `no tag says ${version}${manifest}` }
  const [name, { commit: observed }] = right
  return { verdict: observed === commit ? 'match' : 'mismatch', observed, why: `the tag ${name}${manifest}` }
}

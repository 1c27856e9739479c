import type { Component } from '../../../model/component.js'
import type { PackageList } from '../registry.js'
import { lookUpAll } from '../registry.js'
import { readPackageUrl, repositoryKey } from '../url.js'
import type { AskedLists } from './package-lists.js'
import type { Said } from './said.js'

function listsOf({ held }: AskedLists): readonly PackageList[] {
  return held.map(({ list }) => list)
}

/** The folder that the lists have for a name, where they have the same repository. */
export function listedFolder(lists: AskedLists, name: string, url: string): string | undefined {
  const { lookup } = lookUpAll(listsOf(lists), name)
  if (lookup.kind !== 'found' || lookup.package.url === undefined) return undefined
  const listed = readPackageUrl(lookup.package.url)
  return repositoryKey(listed.url) === repositoryKey(url) ? listed.subdirectory : undefined
}

/** The URL of a component against that of the package lists (spec/nimble.md §6, §8); undefined for what has none. */
export function checkList({ name, source }: Component, lists: AskedLists): Said | undefined {
  if (source.kind !== 'git' && source.kind !== 'vcs') return undefined
  const [first] = lists.held
  if (first === undefined) return withoutList(lists)
  const { lookup, conflicts } = lookUpAll(listsOf(lists), name)
  const holder = lists.held.find(({ list }) => lookUpAll([list], name).lookup.kind !== 'absent') ?? first
  const asked = { authority: { kind: 'registry', name: holder.url }, at: holder.at, stored: holder.stored } as const
  if (lookup.kind === 'absent')
    return { ...asked, verdict: 'not-checkable', why: 'no list has the name: it is required by its URL' }
  if (lookup.kind !== 'found' || lookup.package.url === undefined) {
    const through = lookup.kind === 'found' ? [lookup.package.name] : lookup.through
    return { ...asked, verdict: 'not-checkable', why: `the name leads nowhere: ${through.join(' -> ')}` }
  }
  const { url: listed } = readPackageUrl(lookup.package.url)
  const remarks = [
    ...(lookup.through.length > 0 ? [`through the alias ${lookup.through.join(' -> ')}`] : []),
    ...(lookup.package.deleted ? ['the list has it as deleted'] : []),
    ...conflicts.map((other) => `another list has ${readPackageUrl(other).url}`),
  ]
  return {
    ...asked,
    verdict: repositoryKey(source.url) === repositoryKey(listed) ? 'match' : 'mismatch',
    expected: source.url,
    observed: listed,
    why: remarks.length === 0 ? undefined : remarks.join('; '),
  }
}

function withoutList({ missing: [missing] }: AskedLists): Said {
  if (missing === undefined)
    return { verdict: 'not-checkable', why: 'no package list is among the registries of the configuration (sources.registries)' }
  const { url, why, at } = missing
  // A list that is not at its place has not lost the package.
  const verdict = missing.verdict === 'absent' ? 'unavailable' : missing.verdict
  return { verdict, why, at, ...(url === '' ? {} : { authority: { kind: 'registry', name: url } }) }
}

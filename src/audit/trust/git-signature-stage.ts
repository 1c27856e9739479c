import { inOrder } from '../../ecosystems/in-order.js'
import type { Verified } from '../../ecosystems/verifier.js'
import { reasonNotToAsk } from '../../ecosystems/whom-to-ask.js'
import type { Component } from '../../model/component.js'
import type { Evidence } from '../../model/evidence.js'
import type { GitSigners, GitVerdict } from '../../trust/git/judge.js'
import { judgeGitSignature } from '../../trust/git/judge.js'
import type { FromRepository, TagOfCommit } from '../../trust/git/object-source.js'
import { ObjectSource } from '../../trust/git/object-source.js'
import { readSignedCommit, readSignedTag } from '../../trust/git/signed-object.js'
import { openGitSigners } from './git-signers.js'
import type { TrustStage } from './stage.js'

const COMMIT = 'git/commit-signature'
const TAG = 'git/tag-signature'

/**
 * Whether the commits that git sources pin, or tags that lead to them, are signed by somebody whom the settings name
 * (spec/trust.md §3.4). Every component with a pinned commit gets evidence.
 */
export const gitSignatureStage: TrustStage = async (input) => {
  const pinned = input.components.filter((component) => commitOf(component) !== undefined)
  if (pinned.length === 0) return []
  const { signers, close } = await openGitSigners(input.trust.allowedSigners, input.trust.openpgpKeys)
  try {
    const source = new ObjectSource(input.desk, input.git)
    // Many packages of one repository share what is said of its commit.
    const known = new Map<string, Promise<readonly Said[]>>()
    const look = async (component: Component): Promise<readonly Verified[]> => {
      const { url, commit, tag } = commitOf(component) ?? { url: '', commit: '', tag: undefined }
      const forbidden = reasonNotToAsk({ ecosystem: component.ecosystem, names: [component.name] }, url, input.sources)
      const key = `${url}\n${commit}\n${tag ?? ''}`
      const asked = forbidden === undefined ? (known.get(key) ?? signaturesOf(source, url, commit, tag, signers)) : undefined
      if (asked !== undefined) known.set(key, asked)
      const said: readonly Said[] = (await asked) ?? [{ check: COMMIT, verdict: 'not-checkable', why: forbidden }]
      const authority = { kind: 'signature', name: url } as const
      return said.map((one) => ({
        kind: 'evidence',
        evidence: { subject: component.id, authority, expected: commit, ...one },
      }))
    }
    const found: Verified[] = []
    for await (const one of inOrder(pinned, look, input.onProgress)) found.push(one)
    return found
  } finally {
    await close()
  }
}

function commitOf({ source }: Component): { url: string; commit: string; tag: string | undefined } | undefined {
  if (source.kind !== 'git' || source.commit === undefined) return undefined
  return { url: source.url, commit: source.commit, tag: source.ref?.kind === 'tag' ? source.ref.value : undefined }
}

type Said = Pick<Evidence, 'check' | 'verdict' | 'observed' | 'why' | 'at' | 'stored'>

/** A tag need not be looked at where the commit itself is signed by somebody who was named. */
async function signaturesOf(
  source: ObjectSource,
  url: string,
  commit: string,
  tag: string | undefined,
  signers: GitSigners,
): Promise<readonly Said[]> {
  const object = await source.object(url, commit)
  if (object.kind !== 'ok') return [notRead(COMMIT, object)]
  const { at, stored } = object
  if (object.value.type !== 'commit')
    return [{ check: COMMIT, verdict: 'mismatch', why: 'what is pinned is no commit', at, stored }]
  const signed = readSignedCommit(object.value.bytes, commit.length === 64 ? 'sha256' : 'sha1')
  const own: Said = { ...saidBy(COMMIT, 'the commit', await judgeGitSignature(signed, signers)), at, stored }
  if (own.verdict === 'match') return [own]
  const tags = await source.tagsOf(url, commit, tag)
  if (tags.kind !== 'ok') return [own, notRead(TAG, tags)]
  const said = [own]
  for (const each of tags.value) {
    const one = each.annotated
      ? await tagSignature(source, url, { commit, followed: tag }, each, signers)
      : {
          check: TAG,
          verdict: 'not-checkable' as const,
          observed: 'unsigned',
          why: `the tag ${each.name} is a lightweight one, which holds no signature`,
          at: tags.at,
          stored: tags.stored,
        }
    said.push(one)
    if (one.verdict === 'match') break
  }
  return said
}

async function tagSignature(
  source: ObjectSource,
  url: string,
  { commit, followed }: { readonly commit: string; readonly followed: string | undefined },
  { name, object: id }: TagOfCommit,
  signers: GitSigners,
): Promise<Said> {
  const shown = `the tag ${name}`
  const object = await source.object(url, id)
  if (object.kind !== 'ok') return notRead(TAG, object)
  const { at, stored } = object
  const signed = object.value.type === 'tag' ? readSignedTag(object.value.bytes) : undefined
  if (signed?.tag?.object !== commit)
    // A tag of a tag: its signature speaks of that one alone.
    return { check: TAG, verdict: 'not-checkable', why: `${shown} does not name the commit itself`, at, stored }
  // Where the tag itself is followed, its name is part of what is signed; else only that somebody signed this commit counts.
  if (name === followed && signed.tag.name !== name && signed.signature !== 'unsigned') {
    const why = `${shown} is signed under another name (${signed.tag.name}): somebody may show an older release as this one`
    return { check: TAG, verdict: 'mismatch', why, at, stored }
  }
  return { ...saidBy(TAG, shown, await judgeGitSignature(signed, signers)), at, stored }
}

function notRead(check: string, outcome: Exclude<FromRepository<unknown>, { kind: 'ok' }>): Said {
  if (outcome.kind === 'mismatch') return { check, verdict: 'mismatch', why: outcome.why }
  // What is not there is not unsigned: whether the commit exists is the ecosystems' own question.
  return { check, verdict: outcome.verdict === 'absent' ? 'not-checkable' : outcome.verdict, why: outcome.why }
}

const FORM = { ssh: 'SSH', openpgp: 'OpenPGP', x509: 'gitsign' } as const

function saidBy(check: string, what: string, verdict: GitVerdict): Said {
  switch (verdict.kind) {
    case 'verified': {
      const { form, signer, fingerprint, note } = verdict
      const why = `${what} is signed by ${signer} (${FORM[form]})${note === undefined ? '' : `; ${note}`}`
      return { check, verdict: 'match', observed: fingerprint, why }
    }
    case 'unsigned':
      return { check, verdict: 'not-checkable', observed: 'unsigned', why: `${what} is unsigned` }
    case 'refused':
      return { check, verdict: 'mismatch', why: `${signedText(what, verdict.form)}: ${verdict.why}` }
    case 'not-attributed':
      return {
        check,
        verdict: 'not-checkable',
        observed: 'unknown signer',
        why: `${signedText(what, verdict.form)}: ${verdict.why}`,
      }
    case 'not-checked':
      return {
        check,
        verdict: 'not-checkable',
        observed: 'not checked',
        why: `${signedText(what, verdict.form)}, recognised and not checked: ${verdict.why}`,
      }
  }
}

function signedText(what: string, form: keyof typeof FORM | undefined): string {
  return form === undefined ? what : `${what} has a signature (${FORM[form]})`
}

// One function a target; scripts/fuzz.mjs calls it with bytes it thinks up, and any exception is a find.

import { listedDigests } from '../../src/audit/artifact/checksum-list.js'
import { parseChallenges } from '../../src/evidence/registry/challenge.js'
import { loginFor, parseDockerConfig } from '../../src/evidence/registry/docker-config.js'
import { parseExpression } from '../../src/licenses/expression.js'
import { formatExpression } from '../../src/licenses/expression-tree.js'
import { formatPurl, parsePurl } from '../../src/model/purl.js'
import { parseToml } from '../../src/syntax/toml.js'
import { readCosignBlob } from '../../src/trust/cosign-blob.js'
import { detachedKind } from '../../src/trust/detached-signature.js'
import { nextPage, readAttestationPage } from '../../src/trust/lookup/github-api.js'
import { unpackSnappy } from '../../src/trust/lookup/snappy.js'
import { expandTemplate, parseUrlTemplate } from '../../src/trust/lookup/url-template.js'
import { parseMinisignKey } from '../../src/trust/minisign.js'
import { nextLink } from '../../src/trust/next-link.js'
import { openNote, parseVerifierKey } from '../../src/trust/note.js'
import { readDocument } from '../../src/trust/oci/manifest.js'
import { parseOciReference } from '../../src/trust/oci/reference.js'
import { readBundle } from '../../src/trust/sigstore/bundle.js'
import { parseStatement } from '../../src/trust/statement.js'
import { isJsonObject, parseStrictJson } from '../../src/trust/strict-json.js'
import { expectSoundRun } from '../support/pipeline.js'

type Target = (data: Uint8Array) => void | Promise<void>

/** The whole way from a file to every document; the bytes are the file. */
function file(name: string): Target {
  return (data) => expectSoundRun({ [name]: data })
}

export const targets: Readonly<Record<string, Target>> = {
  'cargo-lock': file('Cargo.lock'),
  'cargo-manifest': file('Cargo.toml'),
  'cargo-config': file('.cargo/config.toml'),
  'go-mod': file('go.mod'),
  'go-sum': (data) =>
    expectSoundRun({ 'go.mod': 'module example.org/a\n\ngo 1.21\n\nrequire example.org/b v1.0.0\n', 'go.sum': data }),
  'go-work': file('go.work'),
  'go-vendor': (data) => expectSoundRun({ 'go.mod': 'module example.org/a\n\ngo 1.21\n', 'vendor/modules.txt': data }),
  zon: file('build.zig.zon'),
  nimble: file('a.nimble'),
  'nimble-lock': file('nimble.lock'),
  purl: (data) => {
    const parsed = parsePurl(new TextDecoder().decode(data))
    if (!parsed.ok) return
    const text = formatPurl(parsed.purl)
    if (text === undefined) throw new Error('a purl that was read cannot be written')
    const again = parsePurl(text)
    if (!again.ok || formatPurl(again.purl) !== text) throw new Error(`${text} does not read back`)
  },
  license: (data) => {
    const parsed = parseExpression(new TextDecoder().decode(data))
    if (!parsed.ok) return
    const again = parseExpression(formatExpression(parsed.expression))
    if (!again.ok) throw new Error(again.error.message)
  },
  toml: (data) => {
    parseToml(new TextDecoder().decode(data), 'x.toml')
  },
  trust: (data) => {
    parseStrictJson(data)
    openNote(data, [])
    readBundle(data)
    parseStatement(data)
    const text = new TextDecoder().decode(data)
    parseVerifierKey(text)
    parseMinisignKey(text)
    parseOciReference(text)
  },
  lookup: (data) => {
    const unpacked = unpackSnappy(data, 1 << 20)
    readAttestationPage(unpacked.ok ? unpacked.bytes : data)
    const text = new TextDecoder().decode(data)
    nextPage(text, 'https://api.example')
    const template = parseUrlTemplate(text)
    if (template.ok)
      expandTemplate(template.template, { name: text, version: text, anchors: [], url: text, sourceRepository: text }, undefined)
    const json = parseStrictJson(data)
    if (json.ok && isJsonObject(json.value)) readCosignBlob(json.value)
    detachedKind(data)
    listedDigests(data, 'widget.tar')
  },
  registry: (data) => {
    const text = new TextDecoder().decode(data)
    for (const { scheme } of parseChallenges([text]))
      if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(scheme)) throw new Error(`${scheme} is no scheme`)
    const config = parseDockerConfig(text)
    if (config !== undefined && loginFor(config, 'never-named.example', 'a') !== undefined)
      throw new Error('a login for any host')
    nextLink(text)
    readDocument(data, {})
  },
}

/** Inputs to begin with, for targets that no file of the corpus is a seed for. */
export const seeds: Readonly<Record<string, readonly string[]>> = {
  purl: ['pkg:cargo/serde@1.0.0?vcs_url=git%2Bhttps://a.b/c#sub/path', 'pkg:golang/github.com/a/b@v1.2.3', 'pkg:oci/a@sha256:00'],
  license: ['(MIT OR Apache-2.0+) AND GPL-2.0-only WITH Classpath-exception-2.0', 'DocumentRef-a:LicenseRef-b'],
  toml: ['a.b = [1, 0x1F, 1e9, {c = "d"}]\n[[e]]\nf = 2026-01-02T03:04:05Z\ng = """\nh"""\n'],
  lookup: [
    '\u0002\u0004{}',
    '{"attestations":[{"repository_id":1,"bundle_url":"https://a.example/x?sig=1","bundle":null},{"bundle":{}}]}',
    '<https://api.example/repos/a/b?after=1>; rel="next"',
    'https://a.example/{name}/{version}/{alg}/{digest}?url={url}&o={owner}/{repo}/{file}',
    '{"base64Signature":"AAAA","cert":"AAAA","rekorBundle":{"SignedEntryTimestamp":"AAAA","Payload":{"body":"AAAA","integratedTime":1,"logIndex":1,"logID":"00"}}}',
    '0000000000000000000000000000000000000000000000000000000000000000  widget.tar\nSHA256 (widget.tar) = 00\n',
  ],
  registry: [
    'Basic realm="a, \\"b\\"", Negotiate YII=, Bearer realm="https://a.example/t",service="s",scope="repository:a/b:pull,push"',
    '{"auths":{"https://a.example/v1/":{"auth":"YTpi"},"b.example:5000/c":{"identitytoken":"t"}},"credHelpers":{"c.example":"ecr"},"credsStore":"d"}',
    '</a?n=1>; title="x, y"; rel="prev next", <b>; rel=next',
    '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"a","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","size":1,"annotations":{"a":"b"}}]}',
  ],
  trust: [
    '{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"a","digest":{"sha256":"00"}}],"predicateType":"x","predicate":{}}',
    '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"certificate":{"rawBytes":"AA=="}},"dsseEnvelope":{"payload":"AA==","payloadType":"x","signatures":[{"sig":"AA=="}]}}',
    'go.sum database tree\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— sum.golang.org Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n',
    'registry.example.org:5000/a/b:v1@sha256:0000000000000000000000000000000000000000000000000000000000000000',
  ],
}

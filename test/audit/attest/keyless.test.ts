import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SigningOptions, SigningSurroundings } from '../../../src/audit/attest/signing-options.js'
import type { AssayError } from '../../../src/model/error.js'
import { ISSUER, SigstoreInstance, WORKFLOW } from '../../trust/support/sigstore-instance.js'
import type { SigstoreServices } from '../../trust/support/sigstore-services.js'
import { identityToken, serveSigstore, TOKEN_CLAIMS } from '../../trust/support/sigstore-services.js'
import type { AttestedProject } from '../support/attested-project.js'
import { inProject, told } from '../support/attested-project.js'

let instance: SigstoreInstance
let services: SigstoreServices
beforeAll(async () => {
  instance = await SigstoreInstance.start()
  services = await serveSigstore(instance)
})
beforeEach(() => {
  services.sabotage = undefined
  services.token = identityToken()
})
afterAll(() => services.close())

const JOB_TOKEN = 'the-credential-of-this-job-0123456789'
const own = (): SigningOptions => ({ keyless: true, fulcioUrl: services.url, rekorUrl: services.url })
const github = (): Record<string, string> => ({
  CI: 'true',
  ACTIONS_ID_TOKEN_REQUEST_URL: `${services.url}/token?api-version=2.0`,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: JOB_TOKEN,
})
const gitlab = (): Record<string, string> => ({ CI: 'true', SIGSTORE_ID_TOKEN: services.token })

function secrets(): readonly string[] {
  return [JOB_TOKEN, services.token, ...services.token.split('.')]
}

/** Every file of the project, and everything it was told. */
function expectNoSecret(project: AttestedProject, ...said: readonly unknown[]): void {
  const folder = project.at('..')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && !path.endsWith('token.jwt'))
    .map((path) => readFileSync(path, 'latin1'))
  const everything = [...files, ...project.warnings, ...said.map((one) => inspect(one, { depth: 12, showHidden: true }))].join(
    '\n',
  )
  for (const secret of secrets()) expect(everything.includes(secret)).toBe(false)
}

async function failureOf(attempt: Promise<unknown>): Promise<AssayError> {
  const error: AssayError = await attempt.then(
    () => {
      throw new Error('nothing failed')
    },
    (reason: AssayError) => reason,
  )
  return error
}

describe('the identity of a job', () => {
  const root = (project: AttestedProject): string[] => [project.put('../root.json', JSON.stringify(instance.rootJson()))]
  for (const [name, environment] of [
    ['GitHub', github],
    ['GitLab', gitlab],
  ] as const)
    it(`${name}: signs, and the decision is accepted by that identity and by no other`, () =>
      inProject(async (project) => {
        const before = services.asked.length
        const trustedRoot = root(project)
        const attested = await project.attest({ signing: own(), trustedRoot, surroundings: { environment: environment() } })
        expect(attested.report.signer).toEqual({ kind: 'certificate', name: WORKFLOW, issuer: ISSUER })
        const by = { key: [], trustedRoot, certificateIdentity: WORKFLOW, certificateOidcIssuer: ISSUER }
        expect(told(await project.verify(by))).toBe('accepted 0')
        expect(told(await project.verify({ ...by, certificateIdentity: WORKFLOW.replace('Acme', 'Acme-evil') }))).toBe(
          'refused 1; signature: trust/identity-mismatch',
        )
        expect(told(await project.verify({ ...by, certificateOidcIssuer: 'https://gitlab.com' }))).toBe(
          'refused 1; signature: trust/issuer-mismatch',
        )
        // The instance is one that the embedded root does not know.
        expect(told(await project.verify({ ...by, trustedRoot: [] }))).toMatch(/^(?:undecided 3|refused 1); signature: trust\//)
        expectNoSecret(project, attested)
        const asked = services.asked.slice(before)
        const withCredential = asked.filter(({ authorization }) => authorization !== undefined)
        expect(withCredential.map(({ path, authorization }) => [path, authorization])).toEqual(
          name === 'GitHub' ? [['/token?api-version=2.0&audience=sigstore', `Bearer ${JOB_TOKEN}`]] : [],
        )
      }))

  it('from a file, outside continuous integration: only after somebody agreed', () =>
    inProject(async (project) => {
      const signing = { ...own(), identityToken: project.put('../token.jwt', services.token) }
      const asked: string[] = []
      const answer =
        (agreed: boolean) =>
        (what: string): Promise<boolean> => {
          asked.push(what)
          return Promise.resolve(agreed)
        }
      const given = { signing, trustedRoot: root(project) }
      const before = services.asked.length
      const no = await failureOf(project.attest({ ...given, surroundings: { confirm: answer(false) } }))
      expect(no).toMatchObject({ code: 'usage', message: 'nothing was signed, as you asked' })
      expect(services.asked.length).toBe(before)
      expect(existsSync(project.at('out'))).toBe(false)
      expect((await project.attest({ ...given, surroundings: { confirm: answer(true) } })).report.signed).toHaveLength(1)
      for (const CI of ['false', '0'])
        await failureOf(project.attest({ ...given, surroundings: { confirm: answer(false), environment: { CI } } }))
      expect(asked.splice(2)).toHaveLength(2)
      expect(asked).toEqual([expect.stringMatching(/publishes .* for ever/), expect.stringMatching(/publishes .* for ever/)])
    }))

  it('several statements are signed, each with its own certificate', () =>
    inProject(async (project) => {
      const sbom = project.put('a.cdx.json', '{"bomFormat":"CycloneDX","specVersion":"1.6"}')
      const { report } = await project.attest({
        signing: { ...own(), rekorVersion: 2, tsaUrl: services.url },
        trustedRoot: root(project),
        sboms: [sbom],
        surroundings: { environment: gitlab() },
      })
      expect(report.signed).toHaveLength(2)
    }))
})

describe('a signing configuration', () => {
  const config = (version: number): string => {
    const one = (url: string, majorApiVersion = 1): object => ({
      url,
      majorApiVersion,
      validFor: { start: '2020-01-01T00:00:00Z' },
    })
    return JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
      caUrls: [one(services.url)],
      rekorTlogUrls: [one(services.url, version)],
      tsaUrls: [one(`${services.url}/api/v1/timestamp`)],
    })
  }
  for (const version of [1, 2])
    it(`names the services, with a log of version ${version}`, () =>
      inProject(async (project) => {
        const signing = { keyless: true, signingConfig: project.put('../config.json', config(version)) }
        const before = services.asked.length
        const { report } = await project.attest({
          signing,
          trustedRoot: [project.put('../root.json', JSON.stringify(instance.rootJson()))],
          surroundings: { environment: gitlab() },
        })
        expect(report.signed).toHaveLength(1)
        expect(services.asked.slice(before).map(({ path }) => path)).toContain(`/api/v${version}/log/entries`)
      }))

  it('is the only one to name them, must be there, and name what may be used', () =>
    inProject(async (project) => {
      const attempt = (given: Partial<SigningOptions>): Promise<AssayError> =>
        failureOf(project.attest({ signing: { keyless: true, ...given }, surroundings: { environment: gitlab() } }))
      const signingConfig = project.put('../config.json', config(1))
      expect(await attempt({ signingConfig, rekorUrl: services.url })).toMatchObject({ code: 'usage' })
      expect(await attempt({ signingConfig, key: 'k', keyless: false })).toMatchObject({ code: 'usage' })
      expect(await attempt({ signingConfig: 'nowhere.json' })).toMatchObject({ code: 'input-unreadable' })
      expect(await attempt({ signingConfig: project.put('../x.json', '{}') })).toMatchObject({ code: 'configuration' })
      const plain = project.put('../plain.json', config(1).replaceAll(services.url, 'http://ca.example'))
      expect(await attempt({ signingConfig: plain })).toMatchObject({ code: 'usage' })
    }))
})

interface Refusal {
  readonly name: string
  readonly signing?: Partial<SigningOptions>
  readonly environment?: () => Record<string, string>
  readonly surroundings?: Partial<SigningSurroundings>
  readonly sabotage?: SigstoreServices['sabotage']
  readonly token?: string
  readonly code: string
  readonly message: RegExp
}

const REFUSALS: readonly Refusal[] = [
  { name: 'no identity', environment: () => ({ CI: '1' }), code: 'unavailable', message: /nothing here hands out an identity/ },
  {
    name: 'two identities',
    environment: () => ({ ...github(), ...gitlab() }),
    code: 'usage',
    message: /several identities here: github-actions, gitlab/,
  },
  {
    name: 'another identity than the one that is there',
    signing: { oidcProvider: 'gitlab' },
    environment: github,
    code: 'unavailable',
    message: /no identity of gitlab/,
  },
  { name: 'offline', environment: github, surroundings: { offline: true }, code: 'usage', message: /offline/ },
  {
    name: 'an authority of one’s own and the public log',
    signing: { rekorUrl: undefined },
    environment: github,
    code: 'usage',
    message: /the log would be the public one/,
  },
  {
    name: 'a log of version 2 without a timestamp',
    signing: { rekorVersion: 2 },
    environment: github,
    code: 'usage',
    message: /a timestamp is needed/,
  },
  {
    name: 'a token server over plain http elsewhere',
    environment: () => ({ ...github(), ACTIONS_ID_TOKEN_REQUEST_URL: 'http://token.example/t' }),
    code: 'unavailable',
    message: /no address that a token may be asked from/,
  },
  {
    name: 'a token server that refuses',
    environment: github,
    sabotage: ({ path }) => (path.startsWith('/token') ? { status: 403, body: `no ${JOB_TOKEN} ${identityToken()}` } : undefined),
    code: 'unavailable',
    message: /handed out no identity token/,
  },
  {
    name: 'a token server that sends elsewhere',
    environment: github,
    sabotage: ({ path }) =>
      path.startsWith('/token?') ? { status: 307, body: '', location: `${services.url}/elsewhere` } : undefined,
    code: 'unavailable',
    message: /handed out no identity token/,
  },
  {
    name: 'a token for another audience',
    environment: gitlab,
    token: identityToken({ ...TOKEN_CLAIMS, aud: 'https://gitlab.com' }),
    code: 'configuration',
    message: /SIGSTORE_ID_TOKEN cannot be used: .*audience/,
  },
  {
    name: 'a token that is none',
    environment: () => ({ CI: '1', SIGSTORE_ID_TOKEN: `${services.token} and more` }),
    code: 'configuration',
    message: /SIGSTORE_ID_TOKEN cannot be used/,
  },
  {
    name: 'an authority that repeats the token',
    environment: gitlab,
    sabotage: ({ path }) =>
      path === '/api/v2/signingCert'
        ? { status: 400, type: 'application/json', body: JSON.stringify({ message: `bad ${services.token}` }) }
        : undefined,
    code: 'unavailable',
    message: /the authority gave no certificate: .*bad \[secret\]/,
  },
  {
    name: 'a log that gives another entry',
    environment: gitlab,
    sabotage: async ({ path }, served) => {
      if (path !== '/api/v1/log/entries') return undefined
      const { body } = await served()
      return {
        status: 201,
        type: 'application/json',
        body: String(body).replace(/"signedEntryTimestamp":"[^"]{8}/, '"signedEntryTimestamp":"MEUCIQDA'),
      }
    },
    code: 'unavailable',
    message: /the signature that was made does not verify \(trust\/(?:log|time|bundle)/,
  },
]

describe('no identity, no signature, and no secret in what is said', () => {
  for (const { name, signing, environment = () => ({}), surroundings, sabotage, token, code, message } of REFUSALS)
    it(name, () =>
      inProject(async (project) => {
        services.sabotage = sabotage
        if (token !== undefined) services.token = token
        const failure = await failureOf(
          project.attest({
            signing: { ...own(), ...signing },
            trustedRoot: [project.put('../root.json', JSON.stringify(instance.rootJson()))],
            surroundings: { environment: environment(), ...surroundings },
          }),
        )
        expect(failure).toMatchObject({ code, message: expect.stringMatching(message) })
        expect(failure.help).not.toBe('')
        expectNoSecret(project, failure)
        expect(existsSync(project.at('out'))).toBe(false)
      }),
    )

  it('a repository that is not public is not named in the public log without a word', () =>
    inProject(async (project) => {
      services.token = identityToken({ ...TOKEN_CLAIMS, repository_visibility: 'private' })
      const asked: string[] = []
      const confirm = (what: string): Promise<boolean> => {
        asked.push(what)
        return Promise.resolve(false)
      }
      const failure = await failureOf(
        project.attest({ signing: { keyless: true }, surroundings: { environment: gitlab(), confirm } }),
      )
      expect(failure).toMatchObject({ code: 'usage' })
      expect(asked).toEqual([expect.stringMatching(/^This repository is not public\. /)])
    }))

  it('nor certified in public', () =>
    inProject(async (project) => {
      services.token = identityToken({ ...TOKEN_CLAIMS, repository_visibility: 'private' })
      const asked: string[] = []
      const confirm = (what: string): Promise<boolean> => {
        asked.push(what)
        return Promise.resolve(false)
      }
      const signing = { keyless: true, rekorUrl: services.url }
      const failure = await failureOf(project.attest({ signing, surroundings: { environment: gitlab(), confirm } }))
      expect(failure).toMatchObject({ code: 'usage', message: 'nothing was signed, as you asked' })
      expect(asked).toEqual([expect.stringMatching(/^This repository is not public\. .* https:\S*fulcio\.sigstore\.dev/)])
    }))

  it('what the instance of another root signs is not handed out', () =>
    inProject(async (project) => {
      const other = await SigstoreInstance.start()
      const failure = await failureOf(
        project.attest({
          signing: own(),
          trustedRoot: [project.put('../other.json', JSON.stringify(other.rootJson()))],
          surroundings: { environment: gitlab() },
        }),
      )
      expect(failure).toMatchObject({ code: 'unavailable', message: expect.stringContaining('does not verify') })
      expect(existsSync(project.at('out'))).toBe(false)
    }))
})

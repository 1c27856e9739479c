import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { COMMAND, withScratch } from '../support/assay.js'

/** Plays a person at a terminal: waits for a prompt, types, and prints what the terminal showed and how the program ended. */
const TERMINAL = `
import json, os, pty, select, sys, time
prompt, answer, command = sys.argv[1].encode(), sys.argv[2].encode().decode('unicode_escape').encode(), sys.argv[3:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
shown, typed, start = b'', False, time.time()
while time.time() - start < 30:
    if not select.select([terminal], [], [], 0.2)[0]:
        continue
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if not part:
        break
    shown += part
    if not typed and prompt in shown:
        os.write(terminal, answer)
        typed = True
_, status = os.waitpid(pid, 0)
print(json.dumps({'shown': shown.decode('utf8', 'replace'), 'code': os.waitstatus_to_exitcode(status)}))
`
const HAS_PTY = spawnSync('python3', ['-c', 'import pty, os; os.waitstatus_to_exitcode']).status === 0
const WITH_PTY = HAS_PTY ? 'at a terminal' : 'at a terminal (skipped: python3 with pty is not installed)'
const PASSPHRASE = 'correct horse'

function atTerminal(folder: string, prompt: string, types: string, args: readonly string[]): { shown: string; code: number } {
  const { stdout, stderr } = spawnSync('python3', ['-c', TERMINAL, prompt, types, process.execPath, COMMAND, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', TERM: 'dumb' },
  })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

function inFolder(work: (folder: string) => void): Promise<void> {
  return withScratch((scratch) => {
    const folder = join(scratch, 'widget')
    mkdirSync(folder)
    writeFileSync(join(folder, 'Cargo.toml'), '[package]\nname = "widget"\nversion = "1.0.0"\n')
    writeFileSync(join(folder, 'Cargo.lock'), 'version = 4\n\n[[package]]\nname = "widget"\nversion = "1.0.0"\n')
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSPHRASE })
    writeFileSync(join(scratch, 'key.pem'), String(pem), { mode: 0o600 })
    work(folder)
  })
}

describe.skipIf(!HAS_PTY)(`assay attest ${WITH_PTY}`, () => {
  const byKey = ['attest', '--offline', '--key', '../key.pem', '--resource', 'pkg:cargo/widget@1.0.0']
  const signed = (folder: string): boolean => existsSync(join(folder, 'reports'))

  it('asks for the passphrase, and shows nothing of it', () =>
    inFolder((folder) => {
      const right = atTerminal(folder, 'Passphrase of ../key.pem: ', `${PASSPHRASE}\\n`, byKey)
      expect(right.code).toBe(0)
      expect(right.shown).toContain('PASSED pkg:cargo/widget@1.0.0')
      expect(right.shown).not.toContain(PASSPHRASE)
      const wrong = atTerminal(folder, 'Passphrase of', 'not the right one\\n', byKey)
      expect(wrong).toMatchObject({ code: 2, shown: expect.stringContaining('does not open with this passphrase') })
      expect(wrong.shown).not.toContain('not the right one')
    }))

  it('no answer is no signature, and no success', () =>
    inFolder((folder) => {
      // The end of the input, then an interrupt.
      expect(atTerminal(folder, 'Passphrase of', '\\x04', byKey)).toMatchObject({
        code: 2,
        shown: expect.stringContaining('there was no answer'),
      })
      expect(atTerminal(folder, 'Passphrase of', '\\x03', byKey).code).toBe(-2)
      expect(signed(folder)).toBe(false)
    }))

  it('asks before it publishes, and takes only a yes', () =>
    inFolder((folder) => {
      const keyless = ['attest', '--keyless', '--identity-token', 'nowhere', '--resource', 'pkg:cargo/widget@1.0.0', '--no-store']
      for (const types of ['n\\n', '\\n', 'yesterday\\n'])
        expect(atTerminal(folder, '[y/N]', types, keyless)).toMatchObject({
          code: 2,
          shown: expect.stringContaining('nothing was signed, as you asked'),
        })
      expect(atTerminal(folder, '[y/N]', '\\x04', keyless).code).toBe(2)
      expect(signed(folder)).toBe(false)
    }))
})

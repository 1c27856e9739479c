import type { Used } from '../../evidence/desk/desk.js'
import type { Session, SessionOptions } from '../../evidence/session.js'
import type { VerifySettings } from '../../policy/config.js'

/** How a run that asks a registry may ask. */
export type AskingChoices = Pick<
  SessionOptions,
  'offline' | 'pack' | 'packDigest' | 'store' | 'environment' | 'plainHttp' | 'onNotice'
>

/** Gives `work` a session that is opened when it is asked for, tells `onUsed` everything it was told, and closes it. */
export async function withSession<T>(
  choices: AskingChoices,
  settings: Pick<VerifySettings, 'retries' | 'timeoutMs' | 'budgetMs'>,
  work: (session: () => Promise<Session>) => Promise<T>,
  onUsed?: (used: Used) => Promise<void>,
): Promise<T> {
  let opened: Promise<Session> | undefined
  const open = async (): Promise<Session> => {
    const { openSession } = await import('../../evidence/session.js')
    return openSession({ ...choices, ...settings })
  }
  try {
    const result = await work(() => (opened ??= open()))
    if (opened !== undefined) await onUsed?.((await opened).used())
    return result
  } finally {
    // One that could not be opened has told so to whoever asked for it.
    const session = await opened?.catch(() => undefined)
    await session?.close()
  }
}

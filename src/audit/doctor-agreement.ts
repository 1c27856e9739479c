import type { KnownSource, Probe } from '../ecosystems/sources.js'
import { displayUrl } from '../evidence/http/redact.js'
import type { SourceProblem } from '../model/configured-source.js'
import type { AskedQuestion } from '../model/doctor.js'

type Subject = NonNullable<Probe['subject']>

interface Judgeable {
  readonly source: KnownSource
  readonly questions: readonly AskedQuestion[]
  readonly problems: readonly SourceProblem[]
}

/** Who said what about one subject, and whether they agree. */
export class Agreement {
  readonly #said = new Map<string, { readonly subject: Subject; readonly answers: Map<string, string> }>()

  note(subject: Subject, url: string, value: string): void {
    const known = this.#said.get(subject.key) ?? { subject, answers: new Map<string, string>() }
    known.answers.set(url, value)
    this.#said.set(subject.key, known)
  }

  /** Tells of each answer whether the others gave the same; to be called when everybody was asked. */
  judge<T extends Judgeable>(examined: readonly T[]): readonly T[] {
    return examined.map((one) => {
      const problems: SourceProblem[] = []
      const questions = one.questions.map((question): AskedQuestion => {
        const subject = one.source.probes.find(
          ({ what, address }) => what === question.what && displayUrl(address.reveal()) === question.url,
        )?.subject
        const said = subject === undefined ? undefined : this.#said.get(subject.key)
        const value = said?.answers.get(question.url)
        if (said === undefined || value === undefined || question.answer === undefined) return question
        const agreement = agreementOf(value, question.url, said)
        if (agreement === 'different') problems.push(said.subject.isFixed ? LIES : BEHIND)
        return { ...question, answer: { ...question.answer, agreement } }
      })
      return { ...one, questions, problems: [...one.problems, ...problems] }
    })
  }
}

function agreementOf(
  value: string,
  url: string,
  { subject, answers }: { readonly subject: Subject; readonly answers: ReadonlyMap<string, string> },
): 'same' | 'different' | 'alone' {
  if (subject.expected !== undefined) return value === subject.expected ? 'same' : 'different'
  const others = [...answers].filter(([who]) => who !== url)
  if (others.length === 0) return 'alone'
  return others.every(([, other]) => other === value) ? 'same' : 'different'
}

const LIES: SourceProblem = {
  code: 'different-answer',
  weight: 'unsafe',
  why: 'it gives another answer than everybody about something that never changes',
  fix: 'do not use it before somebody has found out why; compare with the commands below',
}

const BEHIND: SourceProblem = {
  code: 'lists-differ',
  weight: 'advice',
  why: 'it does not serve the same list as the other places: one of them is behind, or holds something else',
  fix: 'compare the lists with the commands below, if it lasts',
}

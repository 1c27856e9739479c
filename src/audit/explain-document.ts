import { explainText } from '../formats/explain-text.js'
import { jsonElement } from '../formats/json-element.js'
import { ruleText } from '../formats/rule-text.js'
import type { GraphView } from '../model/graph-view.js'
import type { Style } from '../model/style.js'
import type { Answer } from './explain.js'

/** What `assay explain` prints for an answer. */
export function explainDocument(
  answer: Exclude<Answer, { kind: 'nothing' }>,
  graph: GraphView,
  json: boolean,
  style: Style,
): Iterable<string> {
  if (json) return [`${jsonElement(plain(answer), '')}\n`]
  if (answer.kind === 'rule') return ruleText(answer.rule, answer.findings, style)
  return answer.explanations.flatMap((explanation, i) => [...(i === 0 ? [] : ['\n']), ...explainText(explanation, graph, style)])
}

/** A rule carries its function; data does not. */
function plain(answer: Exclude<Answer, { kind: 'nothing' }>): unknown {
  if (answer.kind === 'components') return answer
  const { evaluate: _, ...rule } = answer.rule
  return { ...answer, rule }
}

import { moves, stages, states } from '../../../src/model/lifecycle.ts'
import { page, table } from './markdown.ts'

/** docs/lifecycle.md, drawn from the table of moves. */
export function lifecyclePage (): string {
  const all = states.flatMap(from => Object.entries(moves[from]).map(([move, to]) => ({ from, move, to })))
  const ends = states.filter(state => Object.keys(moves[state]).length === 0)
  const drawing = [
    'stateDiagram-v2',
    `  [*] --> ${states[0]}`,
    ...all.map(({ from, move, to }) => `  ${from} --> ${to}: ${move}`),
    ...ends.map(state => `  ${state} --> [*]`),
  ]
  return page('The life of a container',
    'A container is in one of these states; a move that is not drawn is refused. One owner per container makes the moves, one at a time.',
    `\`\`\`mermaid\n${drawing.join('\n')}\n\`\`\``,
    table(['from', 'move', 'to'], all.map(({ from, move, to }) => [from, move, to])),
    `## Stages of a launch

While it is \`launching\`, a container passes these stages, each with its own deadline and queue: ${stages.join(' → ')}.
\`fetch\` and \`pull\` run side by side; \`fetch\` is passed over where there are no URIs, \`register\` always: this version has no custom executors.`)
}

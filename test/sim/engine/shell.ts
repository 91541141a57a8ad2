import type { Step, StepsOf } from './program.ts'
import { signalNumber } from './signals.ts'

/**
 * Enough of a shell for tests: `;`, `&&`, `||`, newline, quotes, $NAME from the environment, >&2, >/dev/null, `sleep N &` with `wait`,
 * `trap '' TERM`, `trap 'exit N' TERM`, `exit [N]`, and `while :; do …; done`. A line that needs more prints so and exits 2.
 */
export function parseShell (line: string, environment: Environment, stepsOf: StepsOf): Step[] {
  const tokens = tokenize(line, environment)
  const steps = tokens && assemble([...commands(tokens)], words => simpleCommand(words, environment, stepsOf))
  return steps ?? [{ do: 'print', stream: 2, data: `simulated shell: cannot run: ${line}\n` }, { do: 'exit', code: 2 }]
}

type Environment = ReadonlyMap<string, string>
type Token = { readonly word: string } | { readonly sign: string }

const tokenPattern = /[ \t]*(?:(&&|\|\||[;\n&]|[12]?>&[12]|[12]?>[ \t]*\/dev\/null)|((?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s;&|<>'"\\()`])+))/sy

function tokenize (line: string, environment: Environment): Token[] | undefined {
  const tokens: Token[] = []
  const text = line.trimEnd()
  tokenPattern.lastIndex = 0
  while (tokenPattern.lastIndex < text.length) {
    const [, sign, word] = tokenPattern.exec(text) ?? []
    if (sign !== undefined) tokens.push({ sign: sign.replace(/\s/g, '') || ';' })
    else if (word !== undefined) tokens.push({ word: unquote(word, environment) })
    else return undefined
  }
  return tokens
}

function unquote (word: string, environment: Environment): string {
  const expand = (text: string): string => text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, a?: string, b?: string) => environment.get(a ?? b ?? '') ?? '')
  return word.replace(/'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^'"\\]+/gs, part => {
    if (part.startsWith("'")) return part.slice(1, -1)
    if (part.startsWith('"')) return expand(part.slice(1, -1)).replace(/\\(["\\$`])/g, '$1')
    return part.startsWith('\\') ? part.slice(1) : expand(part)
  })
}

function assemble (list: readonly Command[], stepsOfCommand: (words: readonly string[]) => Step[]): Step[] | undefined {
  const steps: Step[] = []
  const loops: number[] = []
  let when: Step['when']
  for (const { words, redirect, end } of list) {
    const line = words.join(' ')
    const body = words[0] === 'do' ? words.slice(1) : words
    if (line === 'while :' || line === 'while true') loops.push(steps.length)
    else if (line === 'done') steps.push({ do: 'jump', to: loops.pop() ?? 0 })
    else if (unsupported.has(body[0] ?? '')) return undefined
    else steps.push(...stepsOfCommand(body).map(step => adapt(step, { when, redirect, background: end === '&' })))
    when = whenAfter[end]
  }
  return loops.length > 0 ? undefined : steps
}

const unsupported = new Set(['while', 'until', 'for', 'if', 'case', 'cd', '{', '!'])

const whenAfter: Record<string, Step['when']> = { '&&': 'ok', '||': 'failed' }

interface Command { words: string[], redirect: string | undefined, end: string }

function * commands (tokens: readonly Token[]): Generator<Command> {
  let command: Command = { words: [], redirect: undefined, end: ';' }
  for (const token of tokens) {
    if ('word' in token) command.words.push(token.word)
    else if (token.sign.includes('>')) command.redirect = token.sign
    else if (command.words.length > 0) { yield { ...command, end: token.sign }; command = { words: [], redirect: undefined, end: ';' } }
  }
  if (command.words.length > 0) yield command
}

function simpleCommand (words: readonly string[], environment: Environment, stepsOf: StepsOf): Step[] {
  const [name = '', first = '', ...rest] = words
  if (name === ':') return [{ do: 'status', code: 0 }]
  if (name === 'wait') return [{ do: 'wait' }]
  if (name === 'exec') return simpleCommand(words.slice(1), environment, stepsOf)
  if (name === 'exit') return [{ do: 'exit', code: first === '' ? undefined : Number(first) }]
  if (name === 'trap') return trap(first, rest)
  const notFound: Step[] = [{ do: 'print', stream: 2, data: `sh: ${name}: not found\n` }, { do: 'status', code: 127 }]
  return stepsOf(words, environment) ?? notFound
}

function trap (action: string, signals: readonly string[]): Step[] {
  const exitCode = action === '' ? 'ignore' : Number(/^exit (\d+)$/.exec(action)?.[1] ?? 0)
  return signals.flatMap((name): Step[] => {
    const signal = signalNumber(name)
    return signal === undefined ? [] : [{ do: 'trap', signal, exitCode }]
  })
}

interface Setting { readonly when: Step['when'], readonly redirect: string | undefined, readonly background: boolean }

function adapt (step: Step, { when, redirect, background }: Setting): Step {
  const timed = step.do === 'sleep' ? { ...step, background } : step
  const aimed = timed.do === 'print' && redirect !== undefined ? redirected(timed, redirect) : timed
  return when === undefined ? aimed : { ...aimed, when }
}

function redirected (step: Step & { do: 'print' }, redirect: string): Step {
  const from = redirect.startsWith('2') ? 2 : 1
  if (step.stream !== from) return step
  return redirect.endsWith('/dev/null') ? { do: 'status', code: 0 } : { ...step, stream: redirect.endsWith('2') ? 2 : 1 }
}

import { parseShell } from './shell.ts'

/**
 * What simulated containers can run. Programs: true, false, echo [-n], printf TEXT, sleep SECONDS, seq N, yes [TEXT], env,
 * head -c N /dev/zero, sh -c LINE; each also as /bin/NAME or /usr/bin/NAME. The shell adds exit, trap, wait, `:` and what shell.ts tells.
 * Unlike a real pid 1, which ignores signals that it does not handle, a program here dies of SIGTERM unless it traps it.
 */
export type Step = { readonly when?: 'ok' | 'failed' } & (
  | { readonly do: 'print', readonly stream: 1 | 2, readonly data: string, readonly forever?: boolean }
  | { readonly do: 'sleep', readonly ms: number, readonly background: boolean }
  | { readonly do: 'wait' }
  | { readonly do: 'status', readonly code: number }
  | { readonly do: 'exit', readonly code: number | undefined }
  | { readonly do: 'trap', readonly signal: number, readonly exitCode: number | 'ignore' }
  | { readonly do: 'jump', readonly to: number }
)

/** Where a program stands: plain data, so that it can go on in another process. */
export interface Cursor {
  at: number
  lastCode: number
  traps: Record<number, number | 'ignore'>
  sleepEndsMs: number | undefined
  backgroundEndsMs: number
}

export const firstCursor = (): Cursor => ({ at: 0, lastCode: 0, traps: {}, sleepEndsMs: undefined, backgroundEndsMs: 0 })

export type StepsOf = (argv: readonly string[], environment: ReadonlyMap<string, string>) => Step[] | undefined

/** How runc tells that it could not execute a program. */
export interface ExecFailure { readonly exitCode: number, readonly message: string }

const one = (step: Step): Step[] => [step]
const print = (data: string): Step[] => one({ do: 'print', stream: 1, data })

const programs: Record<string, (args: readonly string[], environment: ReadonlyMap<string, string>) => Step[]> = {
  true: () => one({ do: 'status', code: 0 }),
  false: () => one({ do: 'status', code: 1 }),
  echo: args => args[0] === '-n' ? print(args.slice(1).join(' ')) : print(args.join(' ') + '\n'),
  printf: ([text = '']) => print(text.replace(/\\n/g, '\n').replace(/\\t/g, '\t')),
  sleep: ([seconds = '0']) => one({ do: 'sleep', ms: Number(seconds) * 1000, background: false }),
  seq: ([count = '0']) => print(Array.from({ length: Number(count) }, (_, i) => `${i + 1}\n`).join('')),
  yes: args => one({ do: 'print', stream: 1, data: `${args.join(' ') || 'y'}\n`, forever: true }),
  env: (_, environment) => print([...environment].map(([name, value]) => `${name}=${value}\n`).join('')),
  head: args => print('\0'.repeat(Number(args[1] ?? 0))),
  sh: ([flag, line = ''], environment) => flag === '-c' ? parseShell(line, environment, stepsOf) : one({ do: 'status', code: 0 }),
}

const baseName = (word: string): string => word.replace(/^\/(usr\/)?bin\//, '')

/** The steps of a program, or undefined when there is none of that name. */
export function stepsOf ([word = '', ...args]: readonly string[], environment: ReadonlyMap<string, string>): Step[] | undefined {
  const name = baseName(word)
  return Object.hasOwn(programs, name) ? programs[name]?.(args, environment) : undefined
}

/** What runc says of a program that it cannot execute: its words decide how the failure is understood. */
export function execFailure ([word = '']: readonly string[]): ExecFailure | undefined {
  if (Object.hasOwn(programs, baseName(word))) return undefined
  const isFolder = /^\/(etc|bin|tmp)?\/?$/.test(word)
  const notFound = word.includes('/') ? `stat ${word}: no such file or directory` : 'executable file not found in $PATH'
  const reason = isFolder ? 'permission denied' : notFound
  const before = 'failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process'
  return { exitCode: isFolder ? 126 : 127, message: `${before}: exec: ${JSON.stringify(word)}: ${reason}: unknown` }
}

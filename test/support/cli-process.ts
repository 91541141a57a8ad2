import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { eventually } from './eventually.ts'

/** The command. */
export const mainFile = fileURLToPath(new URL('../../../src/slipway.cjs', import.meta.url))

export interface Ended { readonly code: number | null, readonly signal: NodeJS.Signals | null, readonly stdout: string, readonly stderr: string }

/** One command under way, as a shell would have started it. */
export interface CliProcess {
  readonly ended: Promise<Ended>
  /** What has come out so far, both streams. */
  output (): string
  /** Waits for words on either stream. */
  said (words: RegExp): Promise<void>
  kill (signal: NodeJS.Signals): void
  /** Keys, as of a terminal. */
  type (keys: string): void
}

type Env = Readonly<Record<string, string | undefined>>

const timeoutMs = 60_000

/** Runs commands against one agent; the environment has nothing else of ours. */
export class Cli {
  readonly #env: NodeJS.ProcessEnv

  constructor (env: Env) { this.#env = { PATH: process.env['PATH'], SLIPWAY_WORK_DIR: '/not/there', TERM: 'xterm', ...env } }

  with (env: Env): Cli { return new Cli({ ...this.#env, ...env }) }

  start (...words: string[]): CliProcess {
    return watch(spawn(process.execPath, [mainFile, ...words], { env: this.#env, timeout: timeoutMs }))
  }

  run (...words: string[]): Promise<Ended> { return this.start(...words).ended }

  /** A line of bash, in which `slipway` is the command; the exit code is bash's. */
  shell (line: string): Promise<Ended> {
    return watch(spawn('bash', ['--norc', '-c', `slipway () { ${process.execPath} ${mainFile} "$@"; }\n${line}`], { env: this.#env, timeout: timeoutMs })).ended
  }

  /** On a terminal of its own, a hundred characters wide; both streams come as stdout. */
  terminal (...words: string[]): CliProcess {
    const command = [process.execPath, mainFile, ...words].map(word => `'${word.replaceAll('\'', '\'\\\'\'')}'`).join(' ')
    return watch(spawn('script', ['-qec', `stty cols 100; exec ${command}`, '/dev/null'], { env: this.#env, timeout: timeoutMs }))
  }
}

/** Why there can be no test on a terminal; false when there can be. */
export function noTerminal (): string | false {
  return spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0 ? false : 'there is no script(1) of util-linux'
}

function watch (child: ChildProcessWithoutNullStreams): CliProcess {
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text })
  child.stdin.on('error', () => {})
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => { resolve({ code, signal, stdout, stderr }) })
  })
  return {
    ended,
    output: () => stdout + stderr,
    async said (words) {
      await eventually(() => words.test(stdout + stderr), { withinMs: 30_000, reason: `${words} in: ${stdout}${stderr}` })
    },
    kill: signal => { child.kill(signal) },
    type: keys => { child.stdin.write(keys) },
  }
}

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mainFile } from './cli-process.ts'
import { eventually } from './eventually.ts'
import { metricIn, metricPath } from './metric-value.ts'
import type { TestSettings } from './test-agent.ts'
import { TestFramework } from './test-framework.ts'

/** `slipway agent` as a process of its own, which can be killed and started again on the same work directory. */
export interface OwnAgent extends AsyncDisposable {
  readonly workDir: string
  /** While it runs. */
  url (): string
  pid (): number
  hasEnded (): boolean
  /** Lines of its log since it was last started. */
  log (): readonly LogLine[]
  /** Starts it; back when it serves. */
  start (settings?: TestSettings): Promise<void>
  /** Starts it; answers how it ended when it does not come up. */
  startBadly (settings?: TestSettings): Promise<{ code: number | null, stderr: string }>
  /** Back when it has ended; answers its exit code. */
  kill (signal: NodeJS.Signals): Promise<number | null>
  get (path: string): Promise<{ status: number, text: string }>
  post (path: string, body: object): Promise<{ status: number, text: string }>
  metric (series: string): Promise<number>
  /** A framework that may come back by its id. */
  subscribe (info?: object, isDeaf?: boolean): Promise<TestFramework>
}

export interface LogLine { readonly level: string, readonly msg: string, readonly [field: string]: unknown }

const readyMs = 30_000

/** What is run instead of the command, and with what in its environment. */
export interface OwnCommand { readonly file: string, readonly env: NodeJS.ProcessEnv, readonly hasOwnSession?: boolean }

export async function startOwnAgent (socket: string, settings: TestSettings = {}, command: OwnCommand = { file: mainFile, env: {} }): Promise<OwnAgent> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-own-'))
  const workDir = join(folder, 'work')
  const always = { workDir, dockerSocket: socket, port: 0, exitPollInterval: '200ms', resources: 'cpus:64;mem:65536;disk:10000', ...settings }
  let run: Run | undefined
  const frameworks: TestFramework[] = []
  const url = (): string => urlOf(run)
  const ask = async (path: string, how?: RequestInit): Promise<Answer> => await askAgent(url() + path, await tokenOf(workDir), how)
  const agent: OwnAgent = {
    workDir, url, pid: () => run?.child.pid ?? 0,
    get: path => ask(path),
    post: (path, body) => ask(path, { method: 'POST', body: JSON.stringify(body) }),
    hasEnded: () => run?.hasEnded() ?? true,
    log: () => run?.lines ?? [],
    kill: async signal => await run?.kill(signal) ?? null,
    async start (more = {}) {
      run = runAgent({ ...always, ...more }, folder, command)
      const { hasEnded } = run
      await eventually(() => hasEnded() || url() !== '', { withinMs: readyMs, reason: 'that the agent serves' })
      url()           // or why there is none
    },
    async startBadly (more = {}) {
      run = runAgent({ ...always, ...more }, folder, command)
      await once(run.child, 'close')
      return { code: run.child.exitCode, stderr: run.stderr() }
    },
    metric: async series => metricIn((await ask(metricPath(series))).text, series),
    async subscribe (info = {}, isDeaf = false) {
      const framework = await TestFramework.subscribe(url(), await tokenOf(workDir), { user: 'root', name: 'own', failover_timeout: 3600, ...info }, isDeaf)
      frameworks.push(framework)
      return framework
    },
    async [Symbol.asyncDispose] () {
      for (const framework of frameworks) framework.drop()
      await run?.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
  try {
    await agent.start()
    return agent
  } catch (error) {
    await agent[Symbol.asyncDispose]()
    throw new Error(`the agent did not start: ${run?.stderr()}`, { cause: error })
  }
}

interface Answer { readonly status: number, readonly text: string }

async function askAgent (url: string, token: string, how: RequestInit = {}): Promise<Answer> {
  const answer = await fetch(url, { ...how, headers: { authorization: `Bearer ${token}` } })
  return { status: answer.status, text: await answer.text() }
}

async function tokenOf (workDir: string): Promise<string> {
  return (await readFile(join(workDir, 'auth-token'), 'utf8')).trim()
}

function urlOf (run: Run | undefined): string {
  const ready = run?.lines.find(({ msg }) => msg === 'agent is ready')
  if (run?.hasEnded() !== false || ready === undefined) throw new Error(`the agent does not run: ${run?.stderr()}`)
  return String(ready['url'])
}

/** One run of the process. */
interface Run {
  readonly child: ChildProcess
  readonly lines: LogLine[]
  stderr (): string
  hasEnded (): boolean
  kill (signal: NodeJS.Signals): Promise<number | null>
}

function runAgent (settings: TestSettings, home: string, { file, env, hasOwnSession = false }: OwnCommand): Run {
  const lines: LogLine[] = []
  let stderr = ''
  const child = spawn(process.execPath, [file, 'agent', ...flagsOf(settings)], {
    stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'], HOME: home, ...env }, detached: hasOwnSession,
  })
  createInterface({ input: child.stdout }).on('line', line => { lines.push(JSON.parse(line) as LogLine) })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text })
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  return {
    child, lines, hasEnded,
    stderr: () => stderr,
    async kill (signal) {
      if (hasEnded()) return child.exitCode
      const ended = once(child, 'exit')
      child.kill(signal)
      await ended
      return child.exitCode
    },
  }
}

function flagsOf (settings: TestSettings): string[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    const flag = name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
    return typeof value === 'boolean' ? [`--${value ? '' : 'no-'}${flag}`] : [`--${flag}`, String(value)]
  })
}

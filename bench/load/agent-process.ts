import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

/** As a user starts it: it sees to the size of libuv's pool. */
const mainFile = fileURLToPath(new URL('../../../src/slipway.cjs', import.meta.url))
/** What the kernel counts CPU time in: USER_HZ is 100 on all that Node runs on. */
const msPerTick = 10

/** The agent in a process of its own, so that what it uses is its own alone. */
export interface AgentProcess extends AsyncDisposable {
  readonly url: string
  readonly token: string
  /** By which the engine's containers are known as this agent's. */
  readonly instanceId: string
  readonly workDir: string
  readonly pid: number
  metrics (): Promise<string>
  /** CPU time used so far by the agent, and by the processes that it has started and still has. */
  cpuMs (): Promise<{ agent: number, helpers: number }>
  rssMb (): Promise<number>
}

/** In a session of its own, as a service has it. `flags` as on the command line, beyond what every bench needs. */
export async function startAgent (socket: string, resources: string, flags: readonly string[] = []): Promise<AgentProcess> {
  const workDir = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
  const words = ['agent', '--work-dir', workDir, '--docker-socket', socket, '--port', '0', '--resources', resources, ...flags]
  const child = spawn(process.execPath, [mainFile, ...words], { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  const ended = once(child, 'exit')
  endWithUs(child)
  const url = await readyUrl(child.stdout)
  const token = (await readFile(join(workDir, 'auth-token'), 'utf8')).trim()
  const { instanceId } = JSON.parse(await readFile(join(workDir, 'agent.json'), 'utf8')) as { instanceId: string }
  const { pid = 0 } = child
  return {
    url, token, instanceId, workDir, pid,
    metrics: async () => await (await fetch(`${url}/metrics`)).text(),
    async cpuMs () {
      let helpers = 0
      for (const other of await childrenOf(pid)) helpers += await ownCpuMs(other).catch(() => 0)
      return { agent: await ownCpuMs(pid), helpers }
    },
    async rssMb () {
      return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
    },
    async [Symbol.asyncDispose] () {
      child.kill('SIGTERM')
      await ended
      await rm(workDir, { recursive: true, force: true })
    },
  }
}

/** What ends us from a terminal does not reach another session; it takes its containers with it, and we go when it has gone. */
function endWithUs (child: ChildProcess): void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const end = (): void => {
    child.once('exit', () => { process.exit(1) })
    child.kill('SIGTERM')
  }
  for (const signal of signals) process.once(signal, end)
  child.once('exit', () => { for (const signal of signals) process.off(signal, end) })
}

/** The log goes on to be taken, unread: a pipe that is full would hold the agent up. */
async function readyUrl (log: Readable): Promise<string> {
  const lines = createInterface({ input: log })
  const url = await new Promise<string>((resolve, reject) => {
    lines.on('line', line => {
      const found = /"url":"([^"]+)"/.exec(line)?.[1]
      if (found !== undefined) resolve(found)
    })
    lines.once('close', () => { reject(new Error('the agent ended before it was ready')) })
  })
  lines.close()
  log.resume()
  return url
}

export async function ownCpuMs (pid: number): Promise<number> {
  const [user = 0, system = 0] = (await statOf(pid)).slice(11, 13).map(Number)
  return (user + system) * msPerTick
}

async function childrenOf (parent: number): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter(pid => pid > 0)
  const parents = await Promise.all(pids.map(async pid => Number((await statOf(pid).catch(() => []))[1])))
  return pids.filter((_, at) => parents[at] === parent)
}

/** The fields after the command's name: state, parent, … */
async function statOf (pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

import { readdirSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { v1 } from '../../../src/wire/messages.ts'
import { Cli } from '../../../test/support/cli-process.ts'
import { eventually } from '../../../test/support/eventually.ts'
import { seriesIn } from '../series.ts'
import { startAgent, type AgentProcess } from '../agent-process.ts'
import { clearsEngine } from '../fleet/clear-engine.ts'
import { engineMemory, type EngineMemory } from '../fleet/engine-memory.ts'
import { launchFleet } from '../fleet/fleet.ts'
import { printedOn, sandboxOf } from '../fleet/line-printer.ts'
import { rampOf, type Block } from '../fleet/ramp.ts'
import { killAll } from '../launch/agent-launches.ts'
import { containersLeft } from '../launch/left-over.ts'
import { LoadFramework } from '../launch/load-framework.ts'
import { resourcesFor, taskInfoOf, type LaunchWish } from '../launch/wish.ts'

export interface DensityWish extends LaunchWish {
  readonly socket: string
  readonly count: number
  readonly block: number
  /** Between two lines of a container, and two checks of it. */
  readonly everySeconds: number
  /** How long it is watched when all run. */
  readonly restSeconds: number
  readonly tell: (line: string) => void
}

export interface AtRest {
  readonly rssMb: number
  /** Of one processor. */
  readonly cpu: number
  readonly scrapeMs: readonly number[]
  readonly psMs: readonly number[]
  readonly checks: number
  readonly failedChecks: number
  readonly linesChecked: number
}

export interface AgentDensity extends AtRest {
  readonly blocks: readonly Block[]
  readonly rssAtZeroMb: number
  readonly memory: EngineMemory
  readonly endedPerSecond: number
  readonly containersLeft: number
  /** More than before the first launch. */
  readonly filesLeft: number
}

const firstPort = 31_000
/** One in so many has its output looked at, another one a check. */
const share = 10
const settleMs = 5_000
const patienceMs = 120_000

export async function measureAgent (wish: DensityWish): Promise<AgentDensity> {
  const { socket, count, block, tell } = wish
  await using agent = await startAgent(socket, `${resourcesFor(count)};ports:[${firstPort}-${firstPort + count}]`, ['--queue-limit', `${count + 5_000}`])
  await using _ = clearsEngine(socket, agent.instanceId)
  await using framework = await LoadFramework.subscribe(agent.url, agent.token)
  await wait(settleMs)
  const [rssAtZeroMb, openAtZero] = [await agent.rssMb(), openFiles(agent)]
  const startedAtMs = performance.now()
  const told = await launchFleet(framework, count, (at, agentId) => infoOf(wish, at, agentId))
  const blocks = rampOf(told.map(({ atMs }) => atMs), startedAtMs, block)
  tell(`${count} run`)
  const atRest = await watch(agent, wish)
  const memory = engineMemory()
  const endedAtMs = performance.now()
  await killAll(framework, told.map(({ taskId }) => taskId))
  const endedPerSecond = count / (performance.now() - endedAtMs) * 1000
  const left = await containersLeft(socket, agent.instanceId, patienceMs)
  await eventually(async () => seriesIn(await agent.metrics(), 'slipway_log_pipes_open') === 0, { withinMs: patienceMs, reason: 'the end of all log pipes' })
  // Connections of the calls that were just made are kept for a while.
  await wait(settleMs)
  return { ...atRest, blocks, rssAtZeroMb, memory, endedPerSecond, containersLeft: left, filesLeft: Math.max(0, openFiles(agent) - openAtZero - spareFiles) }
}

/** Connections that are kept for the next call, and files that are opened once. */
const spareFiles = 64

const lenient = { delay_seconds: 0, grace_period_seconds: 60, consecutive_failures: 1000, timeout_seconds: 20 }

function infoOf (wish: DensityWish, at: number, agentId: string): v1.TaskInfo {
  const info = taskInfoOf(wish, `dense-${at}`, agentId)
  if (at % share !== 5) return info
  const port = firstPort + at
  return {
    ...info,
    command: { shell: true, value: `httpd -p 127.0.0.1:${port}; ${wish.shell ?? ''}` },
    health_check: { type: 'TCP', tcp: { port }, interval_seconds: wish.everySeconds, ...lenient },
  }
}

async function watch (agent: AgentProcess, { count, everySeconds, restSeconds }: DensityWish): Promise<AtRest> {
  await wait(settleMs)
  const [cpuBefore, checksBefore, startedAtMs] = [await agent.cpuMs(), checksIn(await agent.metrics()), performance.now()]
  await wait(restSeconds * 1000)
  const [cpuAfter, tookMs, rssMb] = [await agent.cpuMs(), performance.now() - startedAtMs, await agent.rssMb()]
  const checks = checksIn(await agent.metrics())
  const sandboxes = await Promise.all(Array.from({ length: Math.ceil(count / share) }, (_, at) => sandboxOf(agent.workDir, `dense-${at * share}`)))
  return {
    rssMb,
    cpu: (cpuAfter.agent - cpuBefore.agent) / tookMs,
    scrapeMs: await timesOf(20, async () => { await agent.metrics() }),
    psMs: await timesOf(5, async () => { await ps(agent, count) }),
    checks: checks.passed - checksBefore.passed,
    failedChecks: checks.failed - checksBefore.failed,
    linesChecked: await printedOn(sandboxes, (everySeconds + 30) * 1000),
  }
}

async function ps ({ url, token }: AgentProcess, count: number): Promise<void> {
  const { code, stdout, stderr } = await new Cli({ SLIPWAY_MASTER: url, SLIPWAY_TOKEN: token }).run('ps')
  const tasks = stdout.split('\n').filter(line => line.startsWith('dense-')).length
  if (code !== 0 || tasks !== count) throw new Error(`slipway ps ended with ${code} and told of ${tasks} tasks: ${stderr}`)
}

async function timesOf (count: number, work: () => Promise<void>): Promise<number[]> {
  const times: number[] = []
  while (times.length < count) {
    const startedAtMs = performance.now()
    await work()
    times.push(performance.now() - startedAtMs)
  }
  return times
}

function checksIn (metrics: string): { passed: number, failed: number } {
  const of = (outcome: string): number => seriesIn(metrics, `slipway_checks_total{kind="TCP",outcome="${outcome}"}`)
  return { passed: of('good'), failed: of('bad') + of('not made') }
}

function openFiles ({ pid }: AgentProcess): number {
  return readdirSync(`/proc/${pid}/fd`).length
}


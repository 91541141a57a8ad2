import { setTimeout as wait } from 'node:timers/promises'
import { ensureBusybox } from '../../test/support/images.ts'
import { eventually } from '../../test/support/eventually.ts'
import { TestFramework, type TaskWish } from '../../test/support/test-framework.ts'
import type { Figure } from '../report/report.ts'
import { startAgent, type AgentProcess } from './agent-process.ts'
import { countOf, histogramIn, quantile, since, type Histogram } from './histogram.ts'
import { loadBench } from './load-bench.ts'

const windowMs = 30_000
const connections = { count: 200, everySeconds: 1 }
const commands = { count: 20, everySeconds: 5 }
const patienceMs = 300_000

/** Where the services listen, and so how they are reached. */
const places = {
  'no checks': { address: '0.0.0.0', network: 'BRIDGE', hasChecks: false },
  'on their addresses': { address: '0.0.0.0', network: 'BRIDGE', hasChecks: true },
  'on their loopback': { address: '127.0.0.1', network: 'NONE', hasChecks: true },
} as const
type Place = typeof places[keyof typeof places]

const about = `${connections.count + commands.count} containers with checks, for minutes: what that costs the agent, and how late checks are`

export const checks = loadBench(about, {},
  async ({ socket }) => ({ rows: figures(await benchChecks(socket)) }))

interface ChecksMeasured {
  readonly name: string
  /** Of one processor. */
  readonly agentCpu: number
  readonly helperCpu: number
  readonly rssMb: number
  readonly kinds: ReadonlyArray<{ kind: string, checks: number, p50Ms: number, p99Ms: number }>
}

/** 200 containers with a TCP check each second and 20 with a command every five: what that costs the agent, and how late the checks are. */
async function benchChecks (socket: string): Promise<ChecksMeasured[]> {
  const image = await ensureBusybox(socket)
  await using agent = await startAgent(socket, 'cpus:64;mem:65536;disk:10000;ports:[31000-32000]')
  const framework = await TestFramework.subscribe(agent.url, agent.token, { user: 'root', name: 'bench' })
  const measured: ChecksMeasured[] = []
  try {
    for (const [name, place] of Object.entries(places)) {
      const ids = await launchAll(framework, image, place)
      measured.push({ name, ...await measure(agent, place) })
      for (const id of ids) await framework.kill(id)
      for (const id of ids) await eventually(() => isOver(framework, id), { withinMs: patienceMs, reason: `the end of ${id}` })
    }
  } finally {
    framework.drop()
  }
  return measured
}

async function launchAll (framework: TestFramework, image: string, { address, network, hasChecks }: Place): Promise<string[]> {
  const common = { image, network, shell: `exec httpd -f -p ${address}:8080`, graceMs: 0, cpus: 0.1, mem: 32 } as const
  const times = { delay_seconds: 0, grace_period_seconds: 600, consecutive_failures: 1000, timeout_seconds: 20 }
  const connect = { type: 'TCP', tcp: { port: 8080 }, interval_seconds: connections.everySeconds, ...times } as const
  const command = { type: 'COMMAND', command: { value: 'true' }, interval_seconds: commands.everySeconds, ...times } as const
  const wishes = [connect, command].flatMap((health_check, at) =>
    Array.from({ length: at === 0 ? connections.count : commands.count }, (): TaskWish => ({ ...common, ...hasChecks && { info: { health_check } } })))
  const ids = await framework.launch(...wishes)
  for (const id of ids) await eventually(() => isUp(framework, id, hasChecks), { withinMs: patienceMs, reason: `the health of ${id}` })
  return ids
}

function isUp (framework: TestFramework, id: string, hasChecks: boolean): boolean {
  if (isOver(framework, id)) throw new Error(`${id} ended: ${framework.statuses.get(id)?.at(-1)?.message}`)
  return framework.statuses.get(id)?.some(({ state, healthy }) => state === 'TASK_RUNNING' && (!hasChecks || healthy === true)) ?? false
}

function isOver (framework: TestFramework, id: string): boolean {
  return framework.statuses.get(id)?.some(({ state }) => ['TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED', 'TASK_ERROR'].includes(state)) ?? false
}

async function measure (agent: AgentProcess, { hasChecks }: Place): Promise<Omit<ChecksMeasured, 'name'>> {
  const [textBefore, cpuBefore, startedAtMs] = [await agent.metrics(), await agent.cpuMs(), performance.now()]
  await wait(windowMs)
  const [cpu, tookMs, text] = [await agent.cpuMs(), performance.now() - startedAtMs, await agent.metrics()]
  const kinds = hasChecks ? [['TCP', connections], ['COMMAND', commands]] as const : []
  return {
    agentCpu: (cpu.agent - cpuBefore.agent) / tookMs,
    helperCpu: (cpu.helpers - cpuBefore.helpers) / tookMs,
    rssMb: await agent.rssMb(),
    kinds: kinds.map(([kind, { count, everySeconds }]) => {
      const late = since(latenessIn(textBefore, kind), latenessIn(text, kind))
      const expected = count / everySeconds * tookMs / 1000
      if (countOf(late) < expected * 0.8) throw new Error(`of ${Math.round(expected)} ${kind} checks only ${countOf(late)} were made`)
      return { kind, checks: countOf(late), p50Ms: quantile(late, 0.5), p99Ms: quantile(late, 0.99) }
    }),
  }
}

function latenessIn (text: string, kind: string): Histogram {
  return histogramIn(text, 'slipway_check_lateness_seconds', `kind="${kind}"`)
}

function figures (measured: readonly ChecksMeasured[]): Figure[] {
  return measured.flatMap(({ name, agentCpu, helperCpu, rssMb, kinds }) => [
    { name: `${name}: agent's CPU`, unit: '%', value: agentCpu, better: 'lower' },
    { name: `${name}: helpers' CPU`, unit: '%', value: helperCpu, better: 'lower' },
    { name: `${name}: agent's memory`, unit: 'MB', value: rssMb, better: 'lower' },
    ...kinds.map(({ kind, checks: count, p50Ms: p50, p99Ms: p99 }): Figure => {
      return { name: `${name}: ${kind} late by`, unit: 'ms', p50, p99, count, better: 'lower' }
    }),
  ])
}

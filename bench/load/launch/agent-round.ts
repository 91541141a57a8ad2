import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '../../../test/support/eventually.ts'
import type { AgentProcess } from '../agent-process.ts'
import { killAll, launchThroughAgent, type AgentWish } from './agent-launches.ts'
import { watchBareLoop } from './bare-loop.ts'
import type { LaunchTime } from './launch-time.ts'
import type { LoadFramework } from './load-framework.ts'
import { runningContainers, type ContainerTold } from './stages.ts'
import { outputOf } from './wish.ts'

/** What one run of launches through the agent has shown. */
export interface AgentRound {
  readonly launches: readonly LaunchTime[]
  readonly containers: readonly ContainerTold[]
  /** Of all its threads, for one launch with all that follows it. */
  readonly cpuMsPerLaunch: number
  /** Of this process, which shares the machine with what it measures. */
  readonly frameworkCpuMsPerLaunch: number
  readonly rssMb: number
  readonly loopP99Ms: number
  readonly bareLoopP99Ms: number
}

/** Launches, looks, and takes away again. Throws if a container's output is not what it printed. */
export async function agentRound (agent: AgentProcess, framework: LoadFramework, wish: AgentWish): Promise<AgentRound> {
  const bare = watchBareLoop()
  await loopP99Ms(agent)           // which begins anew with each look
  const [before, mineBefore] = [await agent.cpuMs(), process.cpuUsage()]
  const { ids, launches } = await launchThroughAgent(framework, wish)
  await eventually(() => framework.unanswered === 0, { reason: 'the answers to all acknowledgements' })
  const [after, { user, system }] = [await agent.cpuMs(), process.cpuUsage(mineBefore)]
  const delays = { loopP99Ms: await loopP99Ms(agent), bareLoopP99Ms: await bare.p99Ms() }
  const rssMb = await agent.rssMb()
  const containers = await runningContainers(agent)
  const mine = containers.filter(({ task_id: id }) => ids.includes(id))
  if (mine.length !== wish.count) throw new Error(`of ${wish.count} containers ${mine.length} run`)
  for (const container of mine) await checkOutput(container, outputOf(wish))
  await killAll(framework, ids)
  return {
    launches, containers: mine, rssMb, ...delays,
    cpuMsPerLaunch: (after.agent - before.agent) / wish.count, frameworkCpuMsPerLaunch: (user + system) / 1000 / wish.count,
  }
}

async function checkOutput ({ task_id: id, sandbox }: ContainerTold, expected: string): Promise<void> {
  const isThere = async (): Promise<boolean> => await readFile(join(sandbox, 'stdout'), 'utf8') === expected
  await eventually(isThere, { reason: `all that ${id} has printed` })
}

async function loopP99Ms (agent: AgentProcess): Promise<number> {
  return Number(/^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(await agent.metrics())?.[1]) * 1000
}

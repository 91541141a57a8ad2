import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAgent, ownCpuMs } from '../agent-process.ts'
import { clearsEngine } from '../fleet/clear-engine.ts'
import { launchFleet } from '../fleet/fleet.ts'
import { sandboxOf } from '../fleet/line-printer.ts'
import { killAll } from '../launch/agent-launches.ts'
import { LoadFramework } from '../launch/load-framework.ts'
import { startRaw } from '../launch/raw.ts'
import { resourcesFor, taskInfoOf, type LaunchWish } from '../launch/wish.ts'
import type { Writer } from './burst.ts'
import { followWithDocker } from './docker-logs.ts'

export interface WayWish extends LaunchWish { readonly socket: string, readonly count: number }

/** Containers, and a way for their output into files. */
export interface Way extends AsyncDisposable {
  readonly writers: readonly Writer[]
  /** Whether it loses output when it does not keep up, and with it the last line. */
  readonly mayLose?: boolean
  /** CPU time used so far by what carries the output. */
  cpuMs (): Promise<number>
}

const launchesAtOnce = 4

export const ways = {
  raw: startRawWay,
  agent: startAgentWay,
  'docker logs': startDockerWay,
} as const satisfies Record<string, (wish: WayWish) => Promise<Way>>
export type WayName = keyof typeof ways

/** The engine's attach into a file, as it comes. */
async function startRawWay (wish: WayWish): Promise<Way> {
  const raw = await startRaw({ ...wish, atOnce: launchesAtOnce, perSecond: 0 })
  // It may have launched more of them to warm itself: these are told nothing.
  const names = (await readdir(raw.folder)).slice(0, wish.count)
  return {
    writers: names.map(name => ({ sandbox: join(raw.folder, name), output: join(raw.folder, name, 'stdout') })),
    cpuMs: () => ownCpuMs(raw.pid),
    [Symbol.asyncDispose]: () => raw[Symbol.asyncDispose](),
  }
}

async function startAgentWay (wish: WayWish): Promise<Way> {
  const { socket, count } = wish
  const stack: AsyncDisposable[] = []
  const end = async (): Promise<void> => { for (const one of stack.splice(0).reverse()) await one[Symbol.asyncDispose]() }
  try {
    const agent = await startAgent(socket, resourcesFor(count))
    stack.push(agent, clearsEngine(socket, agent.instanceId))
    const framework = await LoadFramework.subscribe(agent.url, agent.token)
    stack.push(framework)
    const told = await launchFleet(framework, count, (at, agentId) => taskInfoOf(wish, `writer-${at}`, agentId))
    stack.push({ [Symbol.asyncDispose]: () => killAll(framework, told.map(({ taskId }) => taskId)) })
    const sandboxes = await Promise.all(told.map(({ taskId }) => sandboxOf(agent.workDir, taskId)))
    return {
      writers: sandboxes.map(sandbox => ({ sandbox, output: join(sandbox, 'stdout') })),
      cpuMs: async () => (await agent.cpuMs()).agent,
      [Symbol.asyncDispose]: end,
    }
  } catch (error) {
    await end()
    throw error
  }
}

async function startDockerWay (wish: WayWish): Promise<Way> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-docker-logs-'))
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    const way = await followWithDocker(wish, folder)
    return {
      ...way,
      mayLose: true,
      async [Symbol.asyncDispose] () {
        await way[Symbol.asyncDispose]()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

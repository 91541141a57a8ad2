import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '../../support/eventually.ts'
import type { TestSettings } from '../../support/test-agent.ts'
import type { TaskWish } from '../../support/test-framework.ts'
import type { CrashGround } from './crash-ground.ts'

/** A stretch of tasks' lives in which the agent dies at every point. Each time the tasks have other ids. */
export interface Scenario {
  readonly name: string
  /** Points that it shares with this one are tried there. */
  readonly beyond?: string
  /** What every restart of an agent does is tried elsewhere. */
  readonly isMoreThanRestart?: boolean
  readonly settings?: TestSettings
  /** What they may have come to in the end. */
  readonly ends: RegExp
  /** The framework wants their end, after the crash too: it asks again. */
  readonly isToEnd: boolean
  /** Before the agent is watched. */
  setUp? (ground: CrashGround, ids: Ids): Promise<void>
  /** What the framework asks for; it may get no answer. */
  act (ground: CrashGround, ids: Ids): Promise<unknown>
  /** All that follows has been done, in a run without a crash. */
  isOver (ground: CrashGround, ids: Ids): Promise<boolean>
  /** What must hold when the agent is back, before anything else is asked of it. */
  judge? (ground: CrashGround, ids: Ids): Promise<void>
  /** Once its tasks have their end: what is left then for the framework to end. */
  seeOff? (ground: CrashGround, ids: Ids): Promise<void>
}

/** What a scenario launches: the second one only where it needs two. */
export type Ids = readonly [one: string, two: string]

/** What every container writes. */
export const output = { stdout: `${Array.from({ length: 50 }, (_, i) => i + 1).join('\n')}\n`, stderr: 'err\n' }
export const talks = 'seq 50; echo err >&2; sleep 1000'
const remoteImage = 'registry.test/app:1'
export const interrupted = /^(TASK_KILLED|TASK_FAILED AGENT_RESTARTED)$/

/** On a network that is made for it. */
export const onNetwork: TaskWish = {
  info: {
    resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value: 0.1 } }, { name: 'mem', type: 'SCALAR', scalar: { value: 32 } }],
    container: { type: 'DOCKER', docker: { image: 'busybox:latest', network: 'USER' }, network_infos: [{ name: 'app' }] },
  },
}

const launch: Omit<Scenario, 'name'> = {
  ends: interrupted, isToEnd: true,
  act: async ({ framework }, [id]) => await framework.launch({ id, shell: talks }),
  isOver: async (ground, [id]) => isTold(ground, id, 'TASK_RUNNING') && await ground.isAcknowledged(),
}

export const kill: Omit<Scenario, 'name'> = {
  ends: /^TASK_KILLED$/, isToEnd: true,
  setUp: async (ground, [id]) => { await run(ground, { id, shell: `trap '' TERM; ${talks}`, graceMs: 300 }) },
  act: async ({ framework }, [id]) => { await framework.kill(id) },
  isOver: async ground => await isEmpty(ground) && await ground.isAcknowledged(),
}

export const launches: readonly Scenario[] = [
  { name: 'a launch', ...launch },
  { name: 'a launch with an image to pull and a file to fetch', beyond: 'a launch', ...launch, act: pullAndFetch },
  {
    name: 'a launch on a network of its own', beyond: 'a launch', ...launch, settings: { createNetworks: 'app' },
    act: async ({ framework }, [id]) => await framework.launch({ id, shell: talks, ...onNetwork }),
  },
]

export const destroys: readonly Scenario[] = [
  { name: 'a kill that takes its grace', ...kill },
  {
    name: 'a kill on a network of its own', beyond: 'a kill that takes its grace', ...kill, settings: { createNetworks: 'app' },
    setUp: async (ground, [id]) => { await run(ground, { id, shell: talks, ...onNetwork }) },
  },
  {
    name: 'an exit', ...kill, ends: /^TASK_FAILED .*exited with status 3/, isToEnd: false,
    setUp: async (ground, [id]) => { await run(ground, { id, shell: talks }) },
    act: async ({ engine }) => { await engine.exit((await engine.containers())[0]?.id ?? '', 3) },
  },
]

export const callsOff: readonly Scenario[] = [
  {
    name: 'a kill of a launch that waits in its lane', ...kill, ends: interrupted, settings: { createConcurrency: 1 },
    setUp: holdUp,
    act: async ({ framework }, [, id]) => { await framework.kill(id) },
    isOver: async (ground, [, id]) => isTold(ground, id, 'TASK_KILLED') && await ground.isAcknowledged(),
  },
  {
    name: 'a kill of a launch that waits to begin', ...kill, ends: interrupted, settings: { prepareConcurrency: 1 },
    setUp: keepWaiting,
    act: async ({ framework }, [, id]) => { await framework.kill(id) },
    isOver: async (ground, [, id]) => isTold(ground, id, 'TASK_KILLED') && await ground.isAcknowledged(),
  },
]

async function pullAndFetch ({ engine, agent, framework }: CrashGround, [id]: Ids): Promise<void> {
  const image = `${remoteImage}-${id}`
  await engine.addRemoteImage(image, { layers: 1, bytes: 1000, chunkMs: 5 })
  const file = join(agent.workDir, '..', 'fetched.txt')
  await writeFile(file, 'fetched')
  await chmod(file, 0o644)
  await chmod(join(agent.workDir, '..'), 0o755)
  const container = { type: 'DOCKER', docker: { image, network: 'HOST' } } as const
  await framework.launch({ id, info: { container, command: { shell: true, value: talks, uris: [{ value: file, extract: false }] } } })
}

/** One launch is stuck in the only place that there is. */
async function holdUp ({ engine, framework }: CrashGround, [one, two]: Ids): Promise<void> {
  await engine.fault('create', 'hang', { times: 1 })
  await engine.forgetCalls()
  await framework.launch({ id: one, shell: talks })
  await eventually(async () => (await engine.calls()).some(({ call }) => call === 'create'))
  await framework.launch({ id: two, shell: talks })
  await eventually(async () => (await engine.calls()).filter(({ call, isOpen }) => call === 'inspectImage' && !isOpen).length === 2)
}

/** The same before anything is made of the second one. */
async function keepWaiting (ground: CrashGround, [one, two]: Ids): Promise<void> {
  const { framework, agent } = ground
  await ground.holdLaunch()
  await framework.launch({ id: one, shell: talks })
  await framework.launch({ id: two, shell: talks })
  await eventually(async () => (JSON.parse((await agent.get(`/slipway/v1/containers/${two}`)).text) as { state?: string }).state === 'queued')
}

export async function run (ground: CrashGround, wish: TaskWish & { id: string }): Promise<void> {
  await ground.framework.launch(wish)
  await ground.framework.until(wish.id, 'TASK_RUNNING')
  await eventually(() => ground.isAcknowledged(), { everyMs: 50 })
}

export function isTold ({ framework }: CrashGround, id: string, state: string): boolean {
  return framework.statuses.get(id)?.some(status => status.state === state) ?? false
}

export async function isEmpty ({ engine }: CrashGround): Promise<boolean> {
  return (await engine.containers()).length === 0 && (await engine.networks()).length === 0
}

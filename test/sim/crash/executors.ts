import { eventually } from '../../support/eventually.ts'
import { executorInfo, taskOf } from '../../support/executor-infos.ts'
import type { CrashGround } from './crash-ground.ts'
import { isEmpty, isTold, talks, type Ids, type Scenario } from './scenarios.ts'

const executorOf = (id: string): string => `executor-of-${id}`
/** There are no kernel's files of a simulated container. */
const updatesDone = 'slipway_updates_total{outcome="unseen"}'
const patience = { withinMs: 30_000, everyMs: 50 }

/** A task in the hands of an executor that outlives the agent. */
const held: Omit<Scenario, 'name'> = {
  settings: { executorRegistrationTimeout: '20s', executorReregistrationTimeout: '20s', executorShutdownGracePeriod: '1s' },
  // One that was sent just before may have been lost on its way: it is never sent twice.
  ends: /^(TASK_KILLED|TASK_FAILED AGENT_RESTARTED|TASK_LOST Task was sent while its executor was disconnected)$/, isToEnd: true,
  setUp: launch,
  act: async () => {},
  isOver: async ground => await isEmpty(ground) && await ground.isAcknowledged(),
  seeOff: shutDown,
}

export const executorLaunches: readonly Scenario[] = [
  {
    name: 'a launch of an executor with a task, and its registration', ...held,
    setUp: async ({ executors: all }) => { all.attend() },
    act: ask,
    isOver: async (ground, [id]) => isTold(ground, id, 'TASK_RUNNING') && await ground.isAcknowledged(),
  },
]

export const executorRestarts: readonly Scenario[] = [
  {
    name: 'a restart over an executor with a task', ...held, ends: /^TASK_KILLED$/,
    setUp: async (ground, ids) => { await launch(ground, ids); await ground.agent.kill('SIGKILL') },
    act: async ground => {
      const before = ground.executors.subscriptions
      await ground.rise()
      await eventually(() => ground.agent.hasEnded() || ground.executors.subscriptions > before, patience)
    },
    isOver: async ground => await ground.isAcknowledged(),
  },
]

export const executorEnds: readonly Scenario[] = [
  {
    name: 'the end of a task, and then of its executor', ...held, ends: /^TASK_KILLED$/,
    act: async (ground, [id]) => {
      const { agent } = ground
      const before = await agent.metric(updatesDone)
      await ground.framework.kill(id)
      // Its executor is given less before it is told to end: whether that comes first is not to be left to chance.
      await eventually(async () => agent.hasEnded() || (isTold(ground, id, 'TASK_KILLED') && await agent.metric(updatesDone) > before), patience)
      await sayShutdown(ground, id)
    },
  },
  {
    name: 'an executor that ends by itself', beyond: 'the end of a task, and then of its executor', ...held, ends: /^TASK_FAILED Executor terminated; its container exited with status 3$/, isToEnd: false,
    act: async ({ engine }) => { await engine.exit((await engine.containers())[0]?.id ?? '', 3) },
  },
]

async function ask ({ framework }: CrashGround, [id]: Ids): Promise<void> {
  await framework.launch(taskOf(executorInfo(executorOf(id), { command: { value: talks } }), id))
}

async function launch (ground: CrashGround, ids: Ids): Promise<void> {
  ground.executors.attend()
  await ask(ground, ids)
  await ground.framework.until(ids[0], 'TASK_RUNNING')
  await eventually(() => ground.isAcknowledged(), patience)
}

/** Asks until it is gone. */
async function shutDown (ground: CrashGround, [id]: Ids): Promise<void> {
  await eventually(async () => {
    if (await isEmpty(ground)) return true
    await sayShutdown(ground, id)
    return false
  }, patience)
}

async function sayShutdown ({ framework, engine }: CrashGround, id: string): Promise<void> {
  const [container] = await engine.containers()
  const agentId = `${container?.labels['slipway.agent']}-S0`
  await framework.call('SHUTDOWN', { shutdown: { agent_id: { value: agentId }, executor_id: { value: executorOf(id) } } })
}

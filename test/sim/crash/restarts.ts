import { randomUUID } from 'node:crypto'
import type { CallName } from '../engine/call-names.ts'
import { instanceOf } from '../../support/agent-places.ts'
import { askEngine } from '../../support/engine-api.ts'
import { eventually } from '../../support/eventually.ts'
import type { TaskWish } from '../../support/test-framework.ts'
import type { CrashGround } from './crash-ground.ts'
import type { Point } from './points.ts'
import { isEmpty, onNetwork, run, talks, type Ids, type Scenario } from './scenarios.ts'

/** An agent that comes back, and dies again at every call and commit of its recovery: the one after it must get by with what both have left. */
const restart: Omit<Scenario, 'name'> = {
  ends: /^TASK_KILLED$/, isToEnd: true, isMoreThanRestart: true,
  setUp: async (ground, [id]) => { await run(ground, { id, shell: talks }); await ground.agent.kill('SIGKILL') },
  act: async ground => { await ground.rise() },
  isOver: async ground => await isEmpty(ground) && await hasAsked(ground, 'listNetworks') && await ground.isAcknowledged(),
}

export const restarts: readonly Scenario[] = [
  {
    name: 'a restart over a task that runs', ...restart, isMoreThanRestart: false,
    isOver: async ground => await hasAsked(ground, 'ping', 'events', 'inspect', 'logs', 'listNetworks') && await ground.isAcknowledged(),
  },
  {
    name: 'a restart over a task that has ended meanwhile', ...restart, ends: /^TASK_FAILED .*exited with status 3/, isToEnd: false,
    setUp: async (ground, ids) => {
      await restart.setUp?.(ground, ids)
      await ground.engine.exit((await ground.engine.containers())[0]?.id ?? '', 3)
    },
  },
]

export const tidyings: readonly Scenario[] = [
  {
    name: 'a restart in the middle of a launch', ...restart, ends: /^(TASK_KILLED|TASK_FAILED AGENT_RESTARTED)$/,
    setUp: async (ground, [id]) => {
      await ground.arm({ call: 'create', nth: 1, when: 'after' })
      await ground.framework.launch({ id, shell: talks })
      await dies(ground)
    },
  },
  { name: 'a restart before the removal of what has ended', ...restart, ...diesAtExit({ call: 'remove', nth: 1, when: 'before' }, {}) },
  {
    name: 'a restart before the removal of a network', ...restart, settings: { createNetworks: 'app' },
    ...diesAtExit({ call: 'removeNetwork', nth: 1, when: 'before' }, onNetwork),
  },
  { name: 'a restart that finds a container of nobody', ...restart, setUp: leaveAnOrphan },
]

export const restartsInKills: readonly Scenario[] = [
  {
    name: 'a restart in the middle of a kill', ...restart,
    setUp: async (ground, [id]) => {
      await run(ground, { id, shell: `trap '' TERM; ${talks}`, graceMs: 300 })
      await ground.arm({ call: 'kill', nth: 1, when: 'answered' })
      await ground.framework.kill(id)
      await dies(ground)
    },
  },
]

/** The agent dies on the way from the end of a task to where nothing is left of it. */
function diesAtExit (point: Point, wish: TaskWish): Pick<Scenario, 'ends' | 'isToEnd' | 'setUp'> {
  return {
    ends: /^TASK_FAILED .*exited with status 3/, isToEnd: false,
    setUp: async (ground: CrashGround, [id]: Ids) => {
      await run(ground, { id, shell: talks, ...wish })
      await ground.arm(point)
      await ground.engine.exit((await ground.engine.containers())[0]?.id ?? '', 3)
      await dies(ground)
    },
  }
}

async function leaveAnOrphan ({ engine, agent }: CrashGround): Promise<void> {
  const instanceId = instanceOf(agent.workDir)
  await agent.kill('SIGKILL')
  const body = { Image: 'busybox:latest', Cmd: ['sleep', '1000'], Labels: { 'slipway.agent': instanceId, 'slipway.container': randomUUID() } }
  const { Id: id } = await askEngine<{ Id: string }>(engine.socket, 'POST /containers/create?name=nobodys', { body })
  await askEngine(engine.socket, `POST /containers/${id}/start`)
}

async function dies (ground: CrashGround): Promise<void> {
  await eventually(() => ground.agent.hasEnded(), { withinMs: 30_000, everyMs: 50, reason: 'the first death of the agent' })
  await ground.disarm()
}

/** Since the agent is watched. */
async function hasAsked ({ engine }: CrashGround, ...names: readonly CallName[]): Promise<boolean> {
  const made = new Set((await engine.calls()).map(({ call }) => call))
  return names.every(name => made.has(name))
}

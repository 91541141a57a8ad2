import assert from 'node:assert/strict'
import { cpuShares } from '../../../src/model/cpu-shares.ts'
import { eventually } from '../../support/eventually.ts'
import type { CrashGround } from './crash-ground.ts'
import { run, talks, type Ids, type Scenario } from './scenarios.ts'

interface Amounts { readonly cpus: number, readonly mem: number }
interface State { readonly frameworks: ReadonlyArray<{ readonly executors: ReadonlyArray<{ readonly id: string, readonly resources: Amounts }> }> }

/** However far an update came: the container has the limits of before or the new ones, whole, and all say the same of them. */
function update (before: Amounts, after: Amounts): Omit<Scenario, 'name'> {
  return {
    ends: /^TASK_KILLED$/, isToEnd: true,
    setUp: async (ground, [id]) => { await run(ground, { id, shell: talks, ...before }) },
    act: async ({ agent }, [id]) => { await agent.post('/slipway/v1/update', { task_id: id, ...after }) },
    isOver: async (ground, ids) => isSame((await sayings(ground, ids)).agent, after),
    judge: async (ground, ids) => {
      await eventually(async () => {
        const { agent, task, engine } = await sayings(ground, ids)
        assert.ok([before, after].some(one => isSame(one, agent)), JSON.stringify(agent))
        assert.deepEqual({ task, engine }, { task: agent, engine: { memory: agent.mem << 20, shares: cpuShares(agent.cpus) } })
      }, { withinMs: 20_000, everyMs: 50 })
    },
  }
}

export const updates: readonly Scenario[] = [
  { name: 'an update to more', ...update({ cpus: 0.5, mem: 64 }, { cpus: 1, mem: 128 }) },
  { name: 'an update to less memory', ...update({ cpus: 0.5, mem: 128 }, { cpus: 1, mem: 64 }) },
]

interface Sayings { readonly agent: Amounts, readonly task: Amounts | undefined, readonly engine: object }

/** What the agent says of the container and of the task that holds it, and what the engine has. */
export async function sayings ({ agent, engine }: Pick<CrashGround, 'agent' | 'engine'>, [id]: Ids | readonly [string]): Promise<Sayings> {
  const report = JSON.parse((await agent.get(`/slipway/v1/containers/${id}`)).text) as { cpus: number, mem_bytes: number }
  const { frameworks } = JSON.parse((await agent.get('/state')).text) as State
  const held = frameworks.flatMap(({ executors }) => executors).find(one => one.id === id)?.resources
  const { Memory: memory, CpuShares: shares } = (await engine.containers())[0]?.body.HostConfig as Record<string, unknown>
  return { agent: { cpus: report.cpus, mem: report.mem_bytes >> 20 }, task: held && { cpus: held.cpus, mem: held.mem }, engine: { memory, shares } }
}

function isSame (one: Amounts, other: Amounts): boolean {
  return one.cpus === other.cpus && one.mem === other.mem
}

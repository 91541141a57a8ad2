import { setTimeout as wait } from 'node:timers/promises'
import { eventually } from '../../test/support/eventually.ts'
import { ensureBusybox } from '../../test/support/images.ts'
import { amount, whole } from '../options.ts'
import type { Figure, Findings } from '../report/report.ts'
import { spread } from '../report/spread.ts'
import { startAgent, type AgentProcess } from './agent-process.ts'
import { clearsEngine } from './fleet/clear-engine.ts'
import { sandboxOf } from './fleet/line-printer.ts'
import { Due } from './launch/agent-launches.ts'
import { containersLeft } from './launch/left-over.ts'
import { LoadFramework } from './launch/load-framework.ts'
import { resourcesFor } from './launch/wish.ts'
import { loadBench, type Ground } from './load-bench.ts'
import { MemoryCurve } from './memory-curve.ts'
import { infoOf, liveThrough, outputFault, type Lived } from './mixed/mixed-task.ts'
import { fates, planTasks, type Fate, type Profile } from './mixed/plan.ts'

const settleMs = 5_000
const mostFaultsTold = 10
const mostSeconds = 60
const acceptedMs = 60_000
/** More than will ever run at once. */
const room = 5_000

const options = {
  minutes: amount(0.5, 'how long tasks arrive: 60 for a soak'),
  rate: amount(5, 'tasks a second, on the average'),
  lifetime: amount(5, 'seconds that a task lives, on the average'),
  seed: whole(1, 'of all that is random', 0),
}

export const mixed = loadBench('tasks that come and go at random, finish, fail, are killed: an hour of them is a soak', options,
  async (ground, { minutes, rate, lifetime, seed }) => {
    if (rate === 0) throw new Error('--rate is a number above 0')
    if (lifetime > mostSeconds) throw new Error(`--lifetime is ${mostSeconds} at most`)
    return await soak(ground, { forMs: minutes * 60_000, perSecond: rate, lifeSeconds: lifetime, seed })
  })

async function soak ({ socket, tell }: Ground, profile: Profile): Promise<Findings> {
  const image = await ensureBusybox(socket)
  const tasks = new Map(planTasks(profile).map(task => [task.id, task]))
  await using agent = await startAgent(socket, resourcesFor(room))
  await using _ = clearsEngine(socket, agent.instanceId)
  await using framework = await LoadFramework.subscribe(agent.url, agent.token)
  const asked = new Set<string>()
  const due = new Due(framework, (id, agentId) => {
    asked.add(id)
    return infoOf(tasks.get(id)!, image, agentId)
  })
  // A kill may not overtake its launch.
  const ask = async (id: string): Promise<void> => {
    due.add(id)
    await eventually(() => asked.has(id) && framework.unanswered === 0, { withinMs: acceptedMs, everyMs: 5, reason: `the answer to the launch of ${id}` })
  }
  await wait(settleMs)
  const memory = new MemoryCurve(agent)
  const [cpuBefore, startedAtMs] = [await agent.cpuMs(), performance.now()]
  const lived = await Promise.all([...tasks.values()].map(task => liveThrough(framework, task, startedAtMs, ask)))
  const [cpuAfter, tookMs] = [await agent.cpuMs(), performance.now() - startedAtMs]
  const left = await containersLeft(socket, agent.instanceId)
  const faults = [...lived.flatMap(({ fault }) => fault ?? []), ...await outputFaults(agent, lived)]
  for (const fault of faults.slice(0, mostFaultsTold)) tell(fault)
  const points = await memory.end()
  return {
    rows: [
      ...taskRows(lived, tookMs),
      { name: 'ended otherwise than they should', unit: '', value: faults.length, better: 'lower', goals: [{ of: 'value', atMost: 0 }] },
      { name: 'containers left', unit: '', value: left, better: 'lower', goals: [{ of: 'value', atMost: 0 }] },
      { name: 'agent\'s CPU', unit: '%', value: (cpuAfter.agent - cpuBefore.agent) / tookMs, better: 'lower' },
      { name: 'agent\'s memory at the beginning', unit: 'MB', value: points[0]?.[1] ?? NaN, better: 'lower' },
      { name: 'agent\'s memory at the end', unit: 'MB', value: points.at(-1)?.[1] ?? NaN, better: 'lower' },
    ],
    series: [{ chart: 'agent\'s memory', name: 'agent', unit: 'MB', x: 'seconds since the start', points }],
  }
}

async function outputFaults ({ workDir }: AgentProcess, lived: readonly Lived[]): Promise<string[]> {
  const faults: string[] = []
  for (const { task, fault } of lived) {
    const endsByItself = fates[task.fate].runs && fates[task.fate].state !== 'TASK_KILLED'
    if (fault === undefined && endsByItself) faults.push(...[await outputFault(task, await sandboxOf(workDir, task.id))].filter(one => one !== undefined))
  }
  return faults
}

function taskRows (lived: readonly Lived[], tookMs: number): Figure[] {
  return [
    { name: 'tasks', unit: '', value: lived.length },
    { name: 'tasks a second', unit: '/s', value: lived.length / tookMs * 1000 },
    ...(Object.keys(fates) as Fate[]).map((fate): Figure => {
      return { name: `tasks whose fate: ${fate}`, unit: '', value: lived.filter(({ task }) => task.fate === fate).length }
    }),
    ...times('from due to TASK_RUNNING', lived.map(({ runningMs }) => runningMs)),
    ...times('from KILL to TASK_KILLED', lived.map(({ killedMs }) => killedMs)),
  ]
}

/** Of those that have one; in a short run there may be none. */
function times (name: string, values: ReadonlyArray<number | undefined>): Figure[] {
  const known = values.filter(value => value !== undefined)
  return known.length > 0 ? [{ name, unit: 'ms', ...spread(known), better: 'lower' }] : []
}

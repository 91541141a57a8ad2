import { setTimeout as wait } from 'node:timers/promises'
import { startAgent, type AgentProcess } from '../agent-process.ts'
import { loadBench, type Ground } from '../load-bench.ts'
import { whole, type Values } from '../../options.ts'
import type { Figure, Findings } from '../../report/report.ts'
import { quantileOf, spread } from '../../report/spread.ts'
import { killAll, launchThroughAgent } from './agent-launches.ts'
import { readyImage } from './image.ts'
import { containersLeft } from './left-over.ts'
import { LoadFramework } from './load-framework.ts'
import { agentOptions, flagsOf, wishOf, wishOptions } from './options.ts'
import { runningContainers, stageTimes, workMs, type ContainerTold } from './stages.ts'
import { kill, launchVictims, type Killed, type Victim } from './victims.ts'
import { resourcesFor, type LaunchWish } from './wish.ts'

const options = {
  count: whole(200, 'launches that are asked for at once'),
  victims: whole(20, 'containers to be killed one after the other while launches wait, and as many with nothing else going on'),
  rounds: whole(5, 'bursts'),
  ...wishOptions,
  ...agentOptions,
}

const betweenKillsMs = 50
const signalGoalMs = 50

interface Round { readonly idle: readonly Killed[], readonly burst: readonly Killed[], readonly containers: readonly ContainerTold[] }

export const killUnderBurst = loadBench('KILL to the first signal and to TASK_KILLED, with nothing going on and while launches wait', options, bench)

async function bench ({ socket, tell }: Ground, values: Values<typeof options>): Promise<Findings> {
  const wish = wishOf(values, await readyImage(socket, values.image))
  const { count, victims } = values
  await using agent = await startAgent(socket, resourcesFor(count + 2 * victims), flagsOf(values))
  await using framework = await LoadFramework.subscribe(agent.url, agent.token)
  const rounds: Round[] = []
  let left = 0
  while (rounds.length < values.rounds && left === 0) {
    rounds.push(await killRound({ agent, framework, wish }, { count, victims }))
    left = await containersLeft(socket, agent.instanceId)
    tell(`round ${rounds.length}: ${rounds.at(-1)?.burst.length} kills while launches waited`)
  }
  return { rows: [...figures(rounds), { name: 'containers left', unit: '', value: left, better: 'lower', goals: [{ of: 'value', atMost: 0 }] }],
    stages: stageTimes(rounds.flatMap(({ containers }) => containers)) }
}

interface Place { readonly agent: AgentProcess, readonly framework: LoadFramework, readonly wish: LaunchWish }

async function killRound ({ agent, framework, wish }: Place, { count, victims }: { readonly count: number, readonly victims: number }): Promise<Round> {
  const [forIdle, forBurst] = [await launchVictims(framework, agent, wish, victims), await launchVictims(framework, agent, wish, victims)]
  const idle = await killInTurn(framework, forIdle, () => true)
  let isOver = false
  const burst = launchThroughAgent(framework, { ...wish, count, concurrency: count, perSecond: 0 }).finally(() => { isOver = true })
  const killed = await killInTurn(framework, forBurst, () => !isOver)
  const { ids } = await burst
  const containers = (await runningContainers(agent)).filter(({ task_id: id }) => ids.includes(id))
  await killAll(framework, [...ids, ...forBurst.slice(killed.length).map(({ id }) => id)])
  return { idle, burst: killed, containers }
}

/** One after the other, as long as it makes sense. */
async function killInTurn (framework: LoadFramework, victims: readonly Victim[], goesOn: () => boolean): Promise<Killed[]> {
  const killed: Killed[] = []
  for (const victim of victims) {
    await wait(betweenKillsMs)
    if (!goesOn()) break
    killed.push(await kill(framework, victim))
  }
  return killed
}

function figures (rounds: readonly Round[]): Figure[] {
  const idle = rounds.flatMap(round => round.idle)
  const burst = rounds.flatMap(round => round.burst)
  const launch = rounds.flatMap(({ containers }) => containers.map(workMs))
  const killed = ({ killedMs }: Killed): number => killedMs
  const signal = ({ signalMs }: Killed): number => signalMs
  const latest = quantileOf(idle.map(killed), 0.99) + quantileOf(launch, 0.99)
  return [
    { name: 'KILL to first signal, idle', unit: 'ms', ...spread(idle.map(signal)), better: 'lower' },
    { name: 'KILL to first signal, in a burst', unit: 'ms', ...spread(burst.map(signal)), better: 'lower', goals: [{ of: 'p99', atMost: signalGoalMs }] },
    { name: 'KILL to TASK_KILLED, idle', unit: 'ms', ...spread(idle.map(killed)), better: 'lower' },
    { name: 'KILL to TASK_KILLED, in a burst', unit: 'ms', ...spread(burst.map(killed)), better: 'lower', goals: [{ of: 'p99', atMost: latest }] },
    { name: 'a launch of the burst, all stages without their queues', unit: 'ms', ...spread(launch) },
  ]
}

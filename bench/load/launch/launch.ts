import { startAgent } from '../agent-process.ts'
import { loadBench, type Ground } from '../load-bench.ts'
import type { Findings } from '../../report/report.ts'
import { agentRound, type AgentRound } from './agent-round.ts'
import { launchThroughAgent, killAll } from './agent-launches.ts'
import { dockerRunRate } from './docker-run.ts'
import { launchFigures } from './figures.ts'
import { readyImage } from './image.ts'
import { curveOf, rateOf, type LaunchTime } from './launch-time.ts'
import { containersLeft } from './left-over.ts'
import { LoadFramework } from './load-framework.ts'
import { flagsOf, launchOptions, wishOf, type LaunchValues } from './options.ts'
import { rawTimes } from './raw.ts'
import { stageTimes } from './stages.ts'
import { sweepCurve, sweepRaw, type Swept } from './sweep.ts'
import { resourcesFor, type LaunchWish } from './wish.ts'

const warmUp = 20
/** Enough for its rate, in a fraction of the whole run's time. */
const dockerShare = 0.25

/** All that is measured in one turn. */
export interface Round {
  /** Before ours and after, which is the next turn's before: between the two is nothing but the machine's noise. */
  readonly raw: readonly [readonly LaunchTime[], readonly LaunchTime[]]
  readonly agent: AgentRound
  readonly dockerPerSecond: number | undefined
}

export interface Measured { readonly rawAtOnce: number, readonly rounds: readonly Round[], readonly left: number }

export const launch = loadBench('launches through the whole agent, until the framework hears TASK_RUNNING; beside the raw engine and `docker run`',
  launchOptions, benchLaunch)

async function benchLaunch ({ socket, tell }: Ground, values: LaunchValues): Promise<Findings> {
  const wish = wishOf(values, await readyImage(socket, values.image))
  const swept = values['raw-at-once'] > 0 ? undefined : await sweepRaw({ ...wish, socket, count: values.count })
  const rawAtOnce = swept?.best ?? values['raw-at-once']
  tell(`the raw engine is driven at ${rawAtOnce} at once${swept === undefined ? '' : `, the best of ${toldRates(swept)}`}`)
  const measured = await measure({ socket, tell }, { values, wish, rawAtOnce })
  return {
    rows: launchFigures(measured, values),
    stages: stageTimes(measured.rounds.flatMap(({ agent }) => agent.containers)),
    series: [...curves(measured), ...swept === undefined ? [] : [sweepCurve(swept)]],
  }
}

interface Plan { readonly values: LaunchValues, readonly wish: LaunchWish, readonly rawAtOnce: number }

async function measure ({ socket, tell }: Ground, { values, wish, rawAtOnce }: Plan): Promise<Measured> {
  const { count, rate: perSecond, docker } = values
  const concurrency = values.concurrency > 0 ? values.concurrency : count
  await using agent = await startAgent(socket, resourcesFor(count + warmUp), flagsOf(values))
  await using framework = await LoadFramework.subscribe(agent.url, agent.token)
  const raw = (): Promise<readonly LaunchTime[]> => rawTimes({ ...wish, socket, count, atOnce: rawAtOnce, perSecond })
  await killAll(framework, (await launchThroughAgent(framework, { ...wish, count: Math.min(count, warmUp), concurrency: 4, perSecond: 0 })).ids)
  let left = 0
  const ours = async (): Promise<AgentRound> => {
    const round = await agentRound(agent, framework, { ...wish, count, concurrency, perSecond })
    left = await containersLeft(socket, agent.instanceId)
    return round
  }
  const rounds: Round[] = []
  let before = await raw()
  while (rounds.length < values.rounds && left === 0) {
    const agentHas = await ours()
    const dockerPerSecond = docker === 'yes' ? await dockerRunRate(socket, Math.ceil(count * dockerShare), wish) : undefined
    const after = await raw()
    rounds.push({ raw: [before, after], agent: agentHas, dockerPerSecond })
    tell(`round ${rounds.length}: the agent ${perSecondOf(agentHas.launches)}, raw ${perSecondOf(before)} and ${perSecondOf(after)}`)
    before = after
  }
  return { rawAtOnce, rounds, left }
}

function perSecondOf (launches: readonly LaunchTime[]): string {
  return `${rateOf(launches).toFixed(1)}/s`
}

function toldRates ({ rates }: Swept): string {
  return rates.map(([atOnce, perSecond]) => `${perSecond.toFixed(1)}/s at ${atOnce}`).join(', ')
}

/** Of the last turn: a mean of many would hide where one halts. */
function curves ({ rounds }: Measured): Array<NonNullable<Findings['series']>[number]> {
  const last = rounds.at(-1)
  if (last === undefined) return []
  const axes = { chart: 'launched over time, last round', unit: '', x: 'seconds since the start' }
  return [{ ...axes, name: 'agent', points: curveOf(last.agent.launches) }, { ...axes, name: 'raw', points: curveOf(last.raw[1]) }]
}

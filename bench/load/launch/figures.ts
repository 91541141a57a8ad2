import type { Figure, Goal } from '../../report/report.ts'
import { median, quantileOf, spread } from '../../report/spread.ts'
import type { Measured, Round } from './launch.ts'
import { latencies, rateOf } from './launch-time.ts'
import type { LaunchValues } from './options.ts'

/** What the product promises of launches. */
const goals = {
  ratio: [{ of: 'value', atLeast: 0.95 }],
  added: [{ of: 'p50', atMost: 8 }, { of: 'p99', atMost: 20 }],
  likeRaw: [{ of: 'p50', atMost: 1 }, { of: 'p99', atMost: 1 }],
  cpu: [{ of: 'value', atMost: 4 }],
  loop: [{ of: 'value', atMost: 20 }],
  none: [{ of: 'value', atMost: 0 }],
} satisfies Record<string, Goal[]>

type Of = (round: Round) => number
type Kind = Pick<Figure, 'unit' | 'better' | 'goals'>

/** Rates are medians of the rounds, ratios medians of each round's own. */
export function launchFigures (measured: Measured, values: LaunchValues): Figure[] {
  const { rounds, left } = measured
  const loop: Of = ({ agent }) => agent.loopP99Ms
  const bareLoop: Of = ({ agent }) => agent.bareLoopP99Ms
  return [
    ...values.rate > 0 ? [] : rates(measured, values),
    ...times(measured, values),
    overRounds(rounds, 'agent CPU per launch', ({ agent }) => agent.cpuMsPerLaunch, { unit: 'ms', better: 'lower', goals: goals.cpu }),
    overRounds(rounds, 'framework CPU per launch', ({ agent }) => agent.frameworkCpuMsPerLaunch, { unit: 'ms' }),
    overRounds(rounds, 'agent RSS', ({ agent }) => agent.rssMb, { unit: 'MB', better: 'lower' }),
    overRounds(rounds, 'event loop of the agent, p99', loop, { unit: 'ms' }),
    overRounds(rounds, 'event loop of a bare process, p99', bareLoop, { unit: 'ms' }),
    overRounds(rounds, 'event loop beyond a bare one, p99', round => loop(round) - bareLoop(round), { unit: 'ms', better: 'lower', goals: goals.loop }),
    { name: 'containers left', unit: '', value: left, better: 'lower', goals: goals.none },
  ]
}

function rates ({ rounds, rawAtOnce }: Measured, { concurrency }: LaunchValues): Figure[] {
  const rawRate: Of = ({ raw }) => (rateOf(raw[0]) + rateOf(raw[1])) / 2
  const ratio: Of = round => rateOf(round.agent.launches) / rawRate(round)
  const isBurst = concurrency === 0
  const docker = rounds.filter(({ dockerPerSecond }) => dockerPerSecond !== undefined)
  return [
    overRounds(rounds, 'launch rate', ({ agent }) => rateOf(agent.launches), { unit: '/s', better: 'higher' }),
    overRounds(rounds, `raw engine, ${rawAtOnce} at once`, rawRate, { unit: '/s' }),
    overRounds(rounds, 'launch rate to raw', ratio, { unit: '×', better: 'higher', ...isBurst && { goals: goals.ratio } }),
    overRounds(rounds, 'raw to raw (A/A)', ({ raw }) => rateOf(raw[1]) / rateOf(raw[0]), { unit: '×' }),
    ...docker.length === 0 ? [] : [
      overRounds(docker, 'docker run -d, 8 at once', ({ dockerPerSecond = NaN }) => dockerPerSecond, { unit: '/s' }),
      overRounds(docker, 'docker run to raw', round => (round.dockerPerSecond ?? NaN) / rawRate(round), { unit: '×' }),
    ],
  ]
}

function times ({ rounds, rawAtOnce }: Measured, { concurrency, rate }: LaunchValues): Figure[] {
  const ours = rounds.flatMap(({ agent }) => latencies(agent.launches))
  const raw = [rounds.slice(0, 1).flatMap(({ raw: [first] }) => first), ...rounds.map(({ raw: [, after] }) => after)].flatMap(latencies)
  const isLikeForLike = rate > 0 || concurrency === rawAtOnce
  return [
    { name: 'whole launch', unit: 'ms', ...spread(ours), better: 'lower' },
    { name: `whole launch, raw, ${rawAtOnce} at once`, unit: 'ms', ...spread(raw) },
    ...isLikeForLike ? beside(ours, raw, concurrency === 1) : [],
  ]
}

function beside (ours: readonly number[], raw: readonly number[], isIdle: boolean): Figure[] {
  const both = (of: (a: number, b: number) => number): Pick<Figure, 'p50' | 'p99'> =>
    ({ p50: of(quantileOf(ours, 0.5), quantileOf(raw, 0.5)), p99: of(quantileOf(ours, 0.99), quantileOf(raw, 0.99)) })
  return [
    { name: 'added by the agent', unit: 'ms', ...both((a, b) => a - b), better: 'lower', ...isIdle && { goals: goals.added } },
    { name: 'whole launch to raw', unit: '×', ...both((a, b) => a / b), better: 'lower', ...!isIdle && { goals: goals.likeRaw } },
  ]
}

function overRounds (rounds: readonly Round[], name: string, of: Of, kind: Kind): Figure {
  return { name, ...kind, value: median(rounds.map(of)), count: rounds.length }
}

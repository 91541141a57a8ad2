import type { Goal } from '../report/report.ts'

/** The runs that show what is promised, each by the name of its file: the words after `npm run bench --`. */
export const runs = {
  'launch-host': 'launch --count 200 --network host',
  'launch-bridge': 'launch --count 100 --rounds 3 --docker no --network bridge',
  'launch-bridge-24': 'launch --count 100 --rounds 2 --network bridge --concurrency 24 --raw-at-once 24 --docker no',
  'launch-idle': 'launch --count 50 --network host --concurrency 1 --raw-at-once 1 --docker no',
  'launch-native': 'launch --count 200 --rounds 3 --network host --docker no --agent-flags "--seccomp-profile native"',
  'kill-under-burst': 'kill-under-burst --count 200 --network host',
  'density': 'density --count 1000 --rest 30',
  'recovery': 'recovery --count 1000',
  'logs': 'logs',
  'demultiplex': 'demultiplex',
} as const
export type RunName = keyof typeof runs

export interface Promised {
  readonly told: string
  /** In words; whether it is reached is decided by the goals of the figure. */
  readonly goal: string
  readonly run: RunName
  /** By its name in the run's report. */
  readonly figure: string
  /** Where the bench cannot know them. */
  readonly goals?: readonly Goal[]
}

/** What 1 MiB takes at 50 MB/s. */
const mebibyteMs = 2 ** 20 / 50e6 * 1000

const ofLaunches: readonly Promised[] = [
  { told: 'launch rate on host networking, to the raw engine\'s best', goal: '≥ 0.95 ×', run: 'launch-host', figure: 'launch rate to raw' },
  { told: 'launch rate on bridge networking, to the raw engine\'s best', goal: '≥ 0.95 ×', run: 'launch-bridge', figure: 'launch rate to raw' },
  {
    told: 'launch rate with the native seccomp profile, to the raw engine\'s best with the engine\'s default',
    goal: '≥ 1.05 ×', run: 'launch-native', figure: 'launch rate to raw', goals: [{ of: 'value', atLeast: 1.05 }],
  },
  {
    told: 'whole launch on bridge networking, 24 at once, to the raw engine\'s',
    goal: 'p50 ≤ 1 ×, p99 ≤ 1 ×', run: 'launch-bridge-24', figure: 'whole launch to raw',
  },
  { told: 'added to raw create, attach and start by a single launch', goal: 'p50 ≤ 8 ms, p99 ≤ 20 ms', run: 'launch-idle', figure: 'added by the agent' },
  { told: 'the agent\'s CPU time for a launch', goal: '≤ 4 ms', run: 'launch-host', figure: 'agent CPU per launch' },
  {
    told: 'delay of the event loop in a burst, p99, above a bare process\'s',
    goal: '≤ 20 ms', run: 'launch-host', figure: 'event loop beyond a bare one, p99',
  },
]

const ofKills: readonly Promised[] = [
  { told: 'KILL to the first signal during a burst of 200 launches', goal: 'p99 ≤ 50 ms', run: 'kill-under-burst', figure: 'KILL to first signal, in a burst' },
  {
    told: 'KILL to TASK_KILLED during the burst',
    goal: 'p99 ≤ idle and one launch\'s p99', run: 'kill-under-burst', figure: 'KILL to TASK_KILLED, in a burst',
  },
]

const ofDensity: readonly Promised[] = [
  { told: 'the agent\'s memory for a running container, of 1,000', goal: '≤ 100 KB', run: 'density', figure: 'agent\'s memory for a container' },
  { told: 'the agent\'s memory in all', goal: '≤ 300 MB', run: 'density', figure: 'agent\'s memory' },
  { told: 'the agent\'s CPU at rest over 1,000 containers that write and are checked', goal: '≤ 3 %', run: 'density', figure: 'agent\'s CPU at rest' },
  {
    told: 'launch rate of the 10th hundred by the 1st, beside the raw engine\'s own droop',
    goal: '≥ 0.95 ×', run: 'density', figure: 'last hundred by first, beside the raw engine\'s',
  },
  {
    told: 'restart of the agent over 1,000 containers, to /health',
    goal: 'p50 ≤ 3 s', run: 'recovery', figure: 'from the start to /health 200', goals: [{ of: 'p50', atMost: 3_000 }],
  },
  {
    told: 'restart of the agent over 1,000 containers, to all log pipes',
    goal: 'p50 ≤ 6 s', run: 'recovery', figure: 'from the start to all log pipes', goals: [{ of: 'p50', atMost: 6_000 }],
  },
]

const ofLogs: readonly Promised[] = [
  { told: 'output of one busy container, to a raw attach into a file', goal: '≥ 0.9 ×', run: 'logs', figure: 'one container, agent to raw' },
  { told: 'output of 200 busy containers, to raw attaches into files', goal: '≥ 0.8 ×', run: 'logs', figure: '200 containers, agent to raw' },
  {
    told: 'lines of 16 bytes through the demultiplexer', goal: '≥ 50 MB/s', run: 'demultiplex',
    figure: 'demultiplex: 1 MB of output in frames of 16 bytes', goals: [{ of: 'p50', atMost: mebibyteMs }],
  },
]

export const promises: readonly Promised[] = [...ofLaunches, ...ofKills, ...ofDensity, ...ofLogs]

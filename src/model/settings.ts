import { archiveSettings } from './archive-limits.ts'
import { clusterSettings } from './cluster-settings.ts'
import { executorSettings } from './executor-settings.ts'
import { fetchCacheSettings } from './fetch-cache.ts'
import { fetchSettings } from './fetch-settings.ts'
import { housekeepingSettings } from './housekeeping-settings.ts'
import { httpSettings } from './http-settings.ts'
import { imageSettings } from './image-settings.ts'
import { logTimeSettings, sandboxLogSettings } from './log-settings.ts'
import { loginSettings } from './login-settings.ts'
import { policySettings } from './policy-settings.ts'
import { restartSettings } from './restart-settings.ts'
import { address, bytes, choice, count, duration, flag, path, socketPath, text, type SettingType } from './setting-types.ts'

/** What a default may depend on. Handed in, so that tests have a world of their own. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly isRoot: boolean
  readonly homeDir: string
  readonly hostname: string
}

export interface Row {
  readonly type: SettingType<unknown>
  /** As a person would write it; undefined: the setting may be absent. */
  readonly default: string | ((surroundings: Surroundings) => string) | undefined
  /** The default in words, where it is not one text. */
  readonly defaultTold?: string
  readonly about: string
  readonly group: Group
  /** The Mesos agent's name for it: accepted as `--name` and `MESOS_NAME` too. */
  readonly mesos?: string
  /** Where the environment has the usual name for something else. */
  readonly env?: string
}

export const groups = ['Agent', 'Cluster', 'Containers', 'Policy', 'Deadlines', 'Concurrency', 'Fetch', 'Housekeeping', 'Log'] as const
export type Group = typeof groups[number]

/** Every setting of the agent. Flags, environment, config file, the Config type, --help and docs/config.md are all made from this table. */
export const settings = {
  workDir: {
    type: path, group: 'Agent', mesos: 'work_dir', default: defaultWorkDir,
    defaultTold: '`/var/lib/slipway` for root, else `$XDG_STATE_HOME/slipway` or `~/.local/state/slipway`',
    about: 'Where the agent keeps its id, its token and the sandboxes of tasks. One agent at a time.',
  },
  ip: { type: address, group: 'Agent', mesos: 'ip', default: '127.0.0.1', about: 'The address the HTTP door listens on.' },
  port: { type: count(0, 65535), group: 'Agent', mesos: 'port', default: '5051', about: 'The port of the HTTP door; 0 takes any free one.' },
  hostname: {
    type: text('a name'), group: 'Agent', mesos: 'hostname', default: ({ hostname }) => hostname, defaultTold: 'the name of this host',
    about: 'The name of this host as offers and statuses tell it.',
  },
  resources: {
    type: text('as Mesos writes it: `cpus:4;mem:8192;disk:10000;ports:[31000-32000]`, with `cpus(role):2` for what is reserved in a cluster; or JSON'),
    group: 'Agent', mesos: 'resources', default: undefined, defaultTold: 'found out: all CPUs, memory and disk less a reserve, ports 31000-32000',
    about: 'What the agent offers. What is not named is found out.',
  },
  attributes: {
    type: text('as Mesos writes it: `rack:r1;zone:a`'), group: 'Agent', mesos: 'attributes', default: undefined, defaultTold: 'none',
    about: 'Words about this host that offers carry.',
  },
  nice: {
    type: count(-20, 19), group: 'Agent', default: '-10',
    about: 'The priority of the agent on this host: below 0 a kill does not queue behind what its tasks and launches keep the processors busy with. ' +
      '0 leaves it as it was started, as it stays where the agent may not change it.',
  },
  ...httpSettings,
  authenticate: {
    type: flag, group: 'Agent', mesos: 'authenticate_http_readwrite', default: 'true',
    about: 'Want the token of the work directory on all doors but /health, /metrics and /version; tasks on host networking reach them.',
  },
  ...restartSettings,
  ...clusterSettings,
  ...loginSettings,
  launchTimeout: {
    type: duration(), group: 'Deadlines', default: '30m',
    about: 'A launch as a whole, from its acceptance on, time in queues included.',
  },
  queueLimit: {
    type: count(1, 1_000_000), group: 'Concurrency', default: '5000',
    about: 'Launches that may wait; more are refused at once.',
  },
  offerTimeout: {
    type: duration(), group: 'Deadlines', default: '5s',
    about: 'An offer that is left unanswered is taken back after this when another framework waits.',
  },

  dockerSocket: {
    type: socketPath, group: 'Containers', mesos: 'docker_socket', default: defaultDockerSocket,
    defaultTold: '`DOCKER_HOST` where that is a `unix://` address, else `/var/run/docker.sock`',
    about: 'The socket of the Docker Engine.',
  },
  containerNamePrefix: {
    type: text('letters, digits, `_`, `.` and `-`, a letter or digit first', /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}$/),
    group: 'Containers', default: 'mesos-',
    about: 'What container names begin with. Choose another beside a Mesos agent: it removes every mesos- container it does not know.',
  },
  sandboxDirectory: {
    type: text('an absolute path', /^\/[^:\0]*[^:\0/][^:\0]*$/), group: 'Containers', mesos: 'sandbox_directory',
    default: '/mnt/mesos/sandbox',
    about: 'Where a container finds its sandbox.',
  },
  dockerStopTimeout: {
    type: duration(0), group: 'Containers', mesos: 'docker_stop_timeout', default: '5s',
    about: 'Grace between SIGTERM and SIGKILL where neither the kill nor the task names one.',
  },
  logMaxSize: {
    type: bytes, group: 'Containers', default: '10m',
    about: 'Size of one file of the engine\'s own log of a container (log driver local).',
  },
  logMaxFile: { type: count(1, 1000), group: 'Containers', default: '2', about: 'How many such files the engine keeps for a container.' },
  ...sandboxLogSettings,

  ...imageSettings,
  ...policySettings,

  prepareTimeout: {
    type: duration(), group: 'Deadlines', default: '10s',
    about: 'Stage prepare: the task is checked and its sandbox made.',
  },
  pullTimeout: { type: duration(), group: 'Deadlines', default: '10m', about: 'Stage pull, as a whole.' },
  pullStallTimeout: { type: duration(), group: 'Deadlines', default: '1m', about: 'Stage pull, without any progress.' },
  fetchTimeout: { type: duration(), group: 'Deadlines', default: '10m', about: 'Stage fetch, as a whole.' },
  fetchStallTimeout: { type: duration(), group: 'Deadlines', mesos: 'fetcher_stall_timeout', default: '1m', about: 'Stage fetch, without a byte.' },
  createTimeout: { type: duration(), group: 'Deadlines', default: '4m', about: 'Stage create: the engine makes the container.' },
  ...logTimeSettings,
  attachTimeout: { type: duration(), group: 'Deadlines', default: '30s', about: 'Stage attach: the log pipe is laid.' },
  startTimeout: { type: duration(), group: 'Deadlines', default: '3m', about: 'Stage start: the engine starts the container.' },
  isolateTimeout: { type: duration(), group: 'Deadlines', default: '10s', about: 'Stage isolate: the kernel\'s files are completed and compared.' },
  usageTimeout: { type: duration(), group: 'Deadlines', default: '10s', about: 'One pass over the kernel\'s figures of all running containers.' },
  updateTimeout: {
    type: duration(), group: 'Deadlines', default: '10s',
    about: 'New limits of a running container: one step, in the kernel or at the engine.',
  },
  ...executorSettings,
  stopTimeout: { type: duration(), group: 'Deadlines', default: '30s', about: 'One call that sends SIGTERM.' },
  killTimeout: { type: duration(), group: 'Deadlines', default: '30s', about: 'One call that sends SIGKILL.' },
  removeTimeout: {
    type: duration(), group: 'Deadlines', default: '5m',
    about: 'One call that removes a container; it is repeated until the engine confirms.',
  },
  engineWait: {
    type: duration(0), group: 'Deadlines', default: '1m',
    about: 'How long launches wait for an engine that does not answer. After that they fail, until it answers again.',
  },
  exitPollInterval: {
    type: duration(10), group: 'Deadlines', default: '3s',
    about: 'How often the engine is asked for the list of our containers, up to four times less often while that takes it long. ' +
      'Its events and ending streams are only hints.',
  },

  prepareConcurrency: { type: count(1, 1024), group: 'Concurrency', default: '4', about: 'Stage prepare: how many at once.' },
  pullConcurrency: { type: count(1, 1024), group: 'Concurrency', default: '4', about: 'Stage pull: how many images at once.' },
  fetchConcurrency: { type: count(1, 1024), group: 'Concurrency', default: '8', about: 'Stage fetch: how many tasks at once.' },
  createConcurrency: {
    type: count(1, 1024), group: 'Concurrency', default: '4',
    about: 'Stage create: how many at once. Engines slow down when flooded.',
  },
  attachConcurrency: { type: count(1, 1024), group: 'Concurrency', default: '32', about: 'Stage attach: how many at once.' },
  startConcurrency: {
    type: count(1, 1024), group: 'Concurrency', default: '4',
    about: 'Stage start: how many at once. Engines slow down when flooded.',
  },
  stopConcurrency: {
    type: count(1, 1024), group: 'Concurrency', default: '8',
    about: 'Calls that send SIGTERM or SIGKILL: how many at once.',
  },
  removeConcurrency: { type: count(1, 1024), group: 'Concurrency', default: '8', about: 'Removals: how many at once.' },
  launchConcurrency: { type: count(1, 1024), group: 'Concurrency', default: '12', about: 'Calls to the engine that serve launches: how many at once in all.' },
  updateConcurrency: { type: count(1, 1024), group: 'Concurrency', default: '8', about: 'Calls that look at or change containers: how many at once in all.' },
  launchPauseLimit: {
    type: duration(10), group: 'Deadlines', default: '1s',
    about: 'No launch call begins while a kill waits for the engine. At a stretch this long at most; then launches have a turn of a quarter of it.',
  },
  quarantineLimit: {
    type: count(1, 10_000), group: 'Concurrency', default: '32',
    about: 'Engine calls that may be over their deadline without an answer before launches are held back. Kills never are.',
  },
  pullThreads: { type: count(1, 64), group: 'Concurrency', default: '1', about: 'Worker threads that pull images.' },
  fetchThreads: { type: count(1, 64), group: 'Concurrency', default: '1', about: 'Worker threads that fetch URIs.' },
  logThreads: { type: count(1, 64), group: 'Concurrency', default: '1', about: 'Worker threads that carry the output of containers.' },

  ...fetchSettings,
  ...fetchCacheSettings,
  ...archiveSettings,

  ...housekeepingSettings,

  logLevel: {
    type: choice(['debug', 'info', 'warn', 'error', 'silent'], { warning: 'warn' }), group: 'Log', mesos: 'logging_level', default: 'info',
    about: 'What is worth a line in the agent\'s own log.',
  },
} as const satisfies Record<string, Row>

export type SettingName = keyof typeof settings
export const settingNames = Object.keys(settings) as SettingName[]

/** The rows without their literal types: what loops over them want. */
export const rows: Readonly<Record<SettingName, Row>> = settings

type ValueOf<R> = R extends { type: SettingType<infer T>, default: infer D } ? T | (D extends undefined ? undefined : never) : never

/** What the program gets. Times are milliseconds, sizes are bytes. */
export type Config = { readonly [N in SettingName]: ValueOf<typeof settings[N]> }

export function flagOf (name: string): string {
  return `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
}

export function envOf (name: string): string {
  const own = Object.hasOwn(rows, name) ? rows[name as SettingName].env : undefined
  return own ?? `SLIPWAY_${name.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`
}

export function mesosEnvOf (mesos: string): string {
  return `MESOS_${mesos.toUpperCase()}`
}

function defaultWorkDir ({ env, isRoot, homeDir }: Surroundings): string {
  return isRoot ? '/var/lib/slipway' : `${env['XDG_STATE_HOME'] || `${homeDir}/.local/state`}/slipway`
}

function defaultDockerSocket ({ env }: Surroundings): string {
  const host = env['DOCKER_HOST'] ?? ''
  return host.startsWith('unix://') ? host : '/var/run/docker.sock'
}

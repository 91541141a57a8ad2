import { flagOf, rows, settingNames } from '../../../src/model/settings.ts'
import { flag } from '../../../src/model/setting-types.ts'
import { page, table } from './markdown.ts'
import { otherFlags } from './mesos-flags.ts'
import { figureNotes } from './mesos-figure-notes.ts'

/** docs/MESOS.md: what an operator of Mesos agents has to know. */
export function mesosPage (): string {
  return page('Slipway in the place of a Mesos agent', opening, steps, flags(), endpoints(), figures(), missing)
}

const opening = `For who runs Apache Mesos agents with the Docker containerizer. The same flags, environment, files and pages are understood and served
where they mean something here; this page says flag by flag and figure by figure where that is so. What tasks see differently is in
[decision 30](decisions/0030-where-containers-differ-from-mesos.md).`

const steps = `## Step by step

1. Drain the host, stop the Mesos agent, and give Slipway a work directory of its own: it does not read Mesos's \`meta\`, and sandboxes of before stay where
   they are. What runs is not taken over.
2. Where both are to run on one host for a while, choose \`--container-name-prefix\`, other ports and other resources: a Mesos agent removes every \`mesos-\`
   container that it does not know.
3. Keep the flags, \`MESOS_…\` variables and files of credentials; a flag that is not known is refused at the start, by its
   name, a variable is passed over; the second table below has them.
4. All doors want a token unless told otherwise, where a Mesos agent lets everybody in. For the web page of a master, Mesos-DNS and what else reads agents
   without one: \`--no-authenticate-readonly\`. For tools that can send a name and password: \`--http-credentials\`.
5. Tasks may ask for nothing of the host but what the settings of group Policy allow: host paths, privileged containers, devices, users. Read them in
   [config.md](config.md) before the first task that mounts something fails.
6. Metrics: scrape \`/metrics\`, or leave what reads \`/metrics/snapshot\` as it is.`

function flags (): string {
  const known = settingNames.flatMap(name => {
    const { mesos, default: otherwise, defaultTold, type } = rows[name]
    const told = defaultTold ?? (typeof otherwise === 'string' ? `\`${otherwise}\`` : '–')
    const off = type === flag ? `, \`${flagOf(name).replace('--', '--no-')}\`` : ''
    return mesos === undefined ? [] : [{ mesos, cells: [`\`--${mesos}\``, `\`${flagOf(name)}\`${off}`, told] }]
  }).sort((a, b) => a.mesos < b.mesos ? -1 : 1)
  const accepted = new Set<string>(known.map(({ mesos }) => mesos))
  const others = otherFlags.map(([names, told]) => [names.filter(name => !accepted.has(name)), told] as const).filter(([names]) => names.length > 0)
  return `## Flags

These are understood under their Mesos names too, as flags and as \`MESOS_…\` variables. A default may differ from Mesos's.

${table(['Mesos', 'here', 'default here'], known.map(({ cells }) => cells))}

These are not: the agent does not start with such a flag, and passes over such a variable.

${table(['Mesos', 'here'], others.map(([names, told]) => [names.map(name => `\`--${name}\``).join(' '), told]))}`
}

const looking = ['/state', '/flags', '/containers', '/monitor/statistics', '/files/…', '/metrics/snapshot', '/system/stats.json', '/containerizer/debug']
const absent = ['/api/v1/resource_provider', '/profiler/…', '/memory-profiler/…', '/help', '/__processes__']
const coded = (paths: readonly string[]): string => paths.map(path => `\`${path}\``).join(' ')

function endpoints (): string {
  return `## Pages

${table(['Mesos', 'here'], [
  [coded(looking), 'as in Mesos 1.11, with `?jsonp=`; also below `/slave(1)` where Mesos has them there, and under the older names with `.json`'],
  [coded(['/health', '/version']), 'the same status; the bodies tell more'],
  ['`POST /api/v1`', 'what looks on, and WAIT_, KILL_ and REMOVE_CONTAINER; the rest is 501 with its reason: [API.md](API.md)'],
  [coded(['/logging/toggle']), 'tells the level, which stays as the agent was started'],
  [coded(['/api/v1/executor', '/slave(1)/mesos.internal.…']), 'executors of both kinds'],
  [coded(absent), '404'],
])}

\`version\` in \`/state\` and GET_VERSION is that of Slipway; to masters the agent is one of Mesos 1.11.0. Every task without an executor is shown with one, as
in Mesos, but takes no 0.1 CPUs and 32 MB for it: there is no program beside its container. Environments are never shown.`
}

function figures (): string {
  return `## Figures of \`/metrics/snapshot\`

${table(['Mesos', 'here'], figureNotes.map(([names, told]) => [names.map(name => `\`${name}\``).join(' '), told]))}

Our own, for Prometheus, tell more: [metrics.md](metrics.md).`
}

const missing = `## What is not supported

- The Mesos containerizer and all that belongs to it: images without Docker, isolators, CNI, nested and standalone containers,
  sessions, attaching to a container.
- Task groups: each of their tasks fails with a reason that says so.
- Resource providers, CSI, disks other than that of the work directory (\`disk.source\`), operations with feedback, oversubscription, QoS, preemption.
- A persistent volume is mounted into the container of a task without an executor, and into that of an executor if it is among the
  executor's own resources; its size is not enforced.
- Modules, hooks, authorizers and authenticators that are loaded; ACLs.
- Relative URIs (\`--frameworks_home\`) and Hadoop's file systems in the fetcher.
- Recovery of what a Mesos agent has checkpointed. Slipway recovers what it has itself run.
- Secrets of type REFERENCE, and variables of type SECRET: refused by name.`

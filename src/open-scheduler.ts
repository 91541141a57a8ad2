import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { hostResources } from './agent/host-resources.ts'
import { parseAttributes } from './agent/attributes.ts'
import type { Recovered } from './agent/recovered-tasks.ts'
import type { TaskListener } from './agent/port.ts'
import type { TaskRunner } from './agent/task-runner.ts'
import type { WorkDir } from './agent/work-dir.ts'
import type { AllMetrics } from './all-metrics.ts'
import { bootId } from './base/boot-clock.ts'
import type { Log } from './base/log.ts'
import { masterDetector } from './detection/detector.ts'
import type { Containerizer } from './containerizer/containerizer.ts'
import { farEnd } from './door/libprocess/far-end.ts'
import type { Connection } from './door/libprocess/link.ts'
import type { Door } from './door/start-door.ts'
import { AgentError } from './model/errors.ts'
import type { Quantities } from './model/resources.ts'
import { openLogin } from './open-login.ts'
import { parseResources } from './model/resources-text.ts'
import type { Config } from './model/settings.ts'
import { createClusterLink, processId } from './scheduler/mesos/cluster-link.ts'
import type { ClusterIdentity } from './scheduler/mesos/cluster.ts'
import { reconfigurationFault } from './scheduler/mesos/reconfiguration.ts'
import { createSoloMaster } from './scheduler/solo/solo-master.ts'
import { fromResources, toResources } from './scheduler/solo/wire-resources.ts'
import { put } from './store/checkpoint.ts'
import type { OpenCheckpoint } from './store/open-checkpoint.ts'
import type { FrameworkRecord } from './store/records.ts'
import { parseJson, printJson } from './wire/json.ts'
import type { v1 } from './wire/messages.ts'

/** Where tasks come from. */
export interface Scheduler {
  readonly listener: TaskListener
  restore (frameworks: ReadonlyMap<string, FrameworkRecord>, recovered: Recovered): void
  routes (app: FastifyInstance): void
  /** The master that has the agent, where one does. */
  master (): { readonly hostname: string | undefined, readonly isRegistered: boolean }
  /** The agent is ready for tasks. */
  start (): void
  /** All tasks have ended, and the agent will not come back as the one that it was. */
  leaveForGood (): Promise<void>
  close (): Promise<void> | void
}

export interface SchedulerParts {
  readonly config: Config
  readonly log: Log
  readonly workDir: WorkDir
  readonly checkpoint: OpenCheckpoint
  readonly metrics: AllMetrics
  readonly agentInfo: v1.AgentInfo
  readonly resources: Quantities
  readonly door: () => Door
  readonly tasks: () => TaskRunner
  readonly containerizer: Pick<Containerizer, 'socketOwner'>
  readonly onFatal: (cause: AgentError, tasks: 'end' | 'leave') => void
}

/** The embedded master, or the link to that of a cluster. */
export function openScheduler (parts: SchedulerParts): Scheduler {
  return parts.config.master === undefined ? openSolo(parts) : openCluster(parts, parts.config.master)
}

export interface AgentDescription { readonly agentInfo: v1.AgentInfo, readonly resources: Quantities }

/** What this agent is to schedulers. In a cluster, what was found out of the host stays as it was told: free space on the disk differs at each start. */
export async function describeAgent (config: Config, workDir: WorkDir, { snapshot }: OpenCheckpoint): Promise<AgentDescription> {
  const found = await hostResources(config.resources, workDir.path)
  const before = config.master === undefined ? undefined : registeredAs(workDir, snapshot.agent.get('self')?.registeredAs)
  const told = parseResources(config.resources ?? '')
  const kept = [...fromResources(before?.resources ?? [])].filter(([name]) => found.has(name) && !told.has(name))
  const resources = new Map([...found, ...kept])
  const agentInfo: v1.AgentInfo = {
    id: { value: workDir.agentId }, hostname: config.hostname, port: config.advertisePort ?? config.port,
    resources: toResources(resources), attributes: parseAttributes(config.attributes ?? ''),
  }
  const fault = before && reconfigurationFault(before, agentInfo, config.reconfigurationPolicy)
  if (fault !== undefined) throw incompatible(fault, workDir)
  return { agentInfo, resources }
}

function registeredAs ({ hasGivenId }: WorkDir, text: string | undefined): v1.AgentInfo | undefined {
  return hasGivenId && text !== undefined ? parseJson('v1.AgentInfo', JSON.parse(text)) : undefined
}

function incompatible (fault: string, { path }: WorkDir): AgentError {
  const told = `the agent is not as its master knows it: ${fault}`
  return new AgentError('SETTING_INVALID', `${told}. Give the old value again, or --reconfiguration-policy additive where there is more than before, ` +
    `or end its tasks with SIGUSR1 and start anew; the work directory is ${path}`)
}

function openSolo ({ config, log, resources, checkpoint, tasks, door }: SchedulerParts): Scheduler {
  const solo = createSoloMaster({
    resources, log, masterId: randomUUID(), hostname: config.hostname, settings: { offerTimeoutMs: config.offerTimeout },
    agent: tasks, checkpoint, address: () => ({ ip: door().ip, port: door().port }),
  })
  return { ...solo, master: () => ({ hostname: config.hostname, isRegistered: true }), start: () => {}, leaveForGood: async () => {} }
}

function openCluster (parts: SchedulerParts, master: string): Scheduler {
  const { config, log, workDir, checkpoint, metrics, agentInfo, door, tasks, onFatal } = parts
  const ip = config.advertiseIp ?? config.ip
  if (ip === '0.0.0.0' || ip === '::') {
    throw new AgentError('SETTING_INVALID', `--master: masters cannot reach an agent at ${ip}; give the address that they can with --advertise-ip`)
  }
  const advertised = (): { ip: string, port: number } => ({ ip, port: config.advertisePort ?? door().port })
  const login = openLogin({ config, agent: () => ({ id: processId, ...advertised() }), onRefused: cause => { onFatal(cause, 'leave') } })
  const link = createClusterLink({
    agent: tasks, known: () => tasks().known, wishes: () => tasks().wishes, identity: identityOf(parts), checkpoint, log, metrics: metrics.mesos,
    detector: masterDetector(master, { log, sessionTimeoutMs: config.zkSessionTimeout }), advertised, prepare: login?.prepare,
    backoffMs: config.registrationBackoffFactor, requirePeerAddress: config.requirePeerAddress, onFatal,
    isOfTask: connection => isOfTask(parts, connection),
  })
  return {
    ...link,
    master () {
      const { leader, isRegistered } = link.master()
      return { hostname: leader?.hostname ?? leader?.ip, isRegistered }
    },
    routes (app) {
      link.routes(app)
      login?.routes(app)
    },
    async close () {
      login?.close()
      await link.close()
    },
    async leaveForGood () {
      link.unregister()
      await workDir.become(undefined)
      agentInfo.id = { value: workDir.agentId }
    },
  }
}

/** Tasks on host networking reach all that this machine does, and can say to be whom they like. */
async function isOfTask ({ tasks, containerizer }: SchedulerParts, connection: Connection): Promise<boolean> {
  const { book, executors } = tasks()
  const containers = new Set([...book.open(), ...executors.book.all()].map(({ container }) => container).filter(({ spec }) => spec.network === 'host'))
  return containers.size > 0 && await containerizer.socketOwner([...containers], farEnd(connection)) !== undefined
}

/** The id stands in the work directory; what the agent was told to be stands in the checkpoint. */
function identityOf ({ workDir, checkpoint, agentInfo }: SchedulerParts): ClusterIdentity {
  return {
    get givenId () { return workDir.hasGivenId ? workDir.agentId : undefined },
    async become (givenId) {
      await workDir.become(givenId)
      agentInfo.id = { value: givenId }
      const { agentId, instanceId } = workDir
      await checkpoint.commit(put('agent', 'self', { agentId, instanceId, bootId: bootId(), registeredAs: printJson('v1.AgentInfo', agentInfo) }))
    },
  }
}

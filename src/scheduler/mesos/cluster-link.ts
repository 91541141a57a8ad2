import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { KnownTasks } from '../../agent/known-tasks.ts'
import type { MasterWishes } from '../../agent/master-wishes.ts'
import type { AgentTasks, TaskListener } from '../../agent/port.ts'
import type { Log } from '../../base/log.ts'
import type { Message } from '../../door/libprocess/frame.ts'
import { messageRoutes } from '../../door/libprocess/message-routes.ts'
import type { Upid } from '../../door/libprocess/upid.ts'
import { chain, type AgentError } from '../../model/errors.ts'
import type { Checkpoint } from '../../store/checkpoint.ts'
import type { FrameworkRecord } from '../../store/records.ts'
import type { Cluster, ClusterIdentity } from './cluster.ts'
import type { Leader, MasterDetector } from '../../detection/detector.ts'
import { Frameworks } from './frameworks.ts'
import { Incoming, masterMessages } from './incoming.ts'
import { MasterLink } from './master-link.ts'
import { message } from './messages.ts'
import type { MesosMetrics } from './metrics.ts'
import { Peers, type PeersOptions } from './peers.ts'
import { register, reregister } from './register-messages.ts'
import { Registration } from './registration.ts'
import { Tellings } from './tellings.ts'

export const processId = 'slave(1)'

export interface ClusterLinkOptions {
  /** The agent needs the listener before it is there itself: it is asked for when it is needed. */
  readonly agent: () => AgentTasks
  readonly known: () => KnownTasks
  readonly wishes: () => MasterWishes
  readonly identity: ClusterIdentity
  readonly detector: MasterDetector
  /** Where masters reach the agent. */
  readonly advertised: () => { readonly ip: string, readonly port: number }
  readonly checkpoint: Checkpoint
  readonly backoffMs: number
  readonly requirePeerAddress: boolean
  readonly isOfTask: PeersOptions['isOfTask']
  readonly prepare?: ((leader: Leader) => Promise<void>) | undefined
  readonly onFatal: (cause: AgentError, tasks: 'end' | 'leave') => void
  readonly metrics: MesosMetrics
  readonly log: Log
}

export interface ClusterLink {
  /** For the agent: what happens to tasks. */
  readonly listener: TaskListener
  restore (frameworks: ReadonlyMap<string, FrameworkRecord>): void
  routes (app: FastifyInstance): void
  /** Looks for a master and registers. */
  start (): void
  /** The master that leads, where one does, and whether it has this agent. */
  master (): { readonly leader: Leader | undefined, readonly isRegistered: boolean }
  /** Says to the master that this agent will not come back. */
  unregister (): void
  close (): Promise<void>
}

/** The link to an Apache Mesos cluster: this agent is one of its agents. */
export function createClusterLink (options: ClusterLinkOptions): ClusterLink {
  const { log, detector, identity } = options
  const cluster = assembleCluster(options)
  const incoming = new Incoming(cluster)
  const { registration, link, frameworks } = cluster
  const peers = new Peers({ ...options, leader: () => registration.leader })
  return {
    listener: new Tellings(cluster),
    restore: records => { frameworks.restore(records) },
    routes: app => {
      messageRoutes<true>(app, {
        process: processId, names: masterMessages,
        admit: connection => peers.admit(connection),
        take: (message, from) => { incoming.take(message, from) },
      })
    },
    start () {
      for (const id of frameworks.ids()) frameworks.forgetIfIdle(id)
      detector.follow((leader, problem) => { registration.turnTo(leader, problem) })
    },
    master: () => ({ leader: registration.leader, isRegistered: registration.isRegistered }),
    unregister () {
      const { givenId } = identity
      if (registration.isRegistered && givenId !== undefined) link.send(message('internal.UnregisterSlaveMessage', { slave_id: { value: givenId } }))
    },
    async close () {
      registration.close()
      link.turnTo(undefined)
      await detector.close().catch((error: unknown) => { log.warn({ error: chain(error) }, 'the search for masters did not end well') })
    },
  }
}

function assembleCluster (options: ClusterLinkOptions): Cluster {
  const { agent, known, wishes, identity, checkpoint, advertised, backoffMs, prepare, metrics, onFatal, log } = options
  const self = (): Upid => ({ id: processId, ...advertised() })
  const link = new MasterLink({
    self,
    onLost: cause => {
      metrics.linksLost.inc()
      log.warn({ error: chain(cause) }, 'the connection to the master has ended')
      registration.again('the connection to it has ended')
    },
  })
  const registration = new Registration({ link, ask: () => { link.send(askMessage(cluster)) }, backoffMs, metrics, log, ...(prepare && { prepare }) })
  const cluster: Cluster = {
    agent, known, wishes, identity, metrics, log, onFatal, self, link, registration, told: new Map(),
    frameworks: new Frameworks(checkpoint, id => known().holds(id)), resourceVersion: newVersion(),
  }
  return cluster
}

function askMessage ({ agent, known, wishes, identity, frameworks, told, resourceVersion, self }: Cluster): Message {
  const standing = { agentInfo: agent().agentInfo, port: self().port, resourceVersion, made: wishes().capacity.made }
  if (identity.givenId === undefined) return register(standing)
  for (const id of frameworks.ids()) frameworks.forgetIfIdle(id)
  const infos = frameworks.ids().flatMap(id => frameworks.find(id) ?? [])
  return reregister(standing, { ...known().all(), frameworks: infos, told })
}

/** A random uuid (RFC 9562, version 4). */
function newVersion (): Uint8Array {
  const uuid = randomBytes(16)
  uuid.writeUInt8((uuid.readUInt8(6) & 0x0f) | 0x40, 6)
  uuid.writeUInt8((uuid.readUInt8(8) & 0x3f) | 0x80, 8)
  return uuid
}

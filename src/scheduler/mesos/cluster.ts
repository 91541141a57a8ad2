import type { KnownTasks } from '../../agent/known-tasks.ts'
import type { MasterWishes } from '../../agent/master-wishes.ts'
import type { AgentTasks } from '../../agent/port.ts'
import type { Log } from '../../base/log.ts'
import type { Upid } from '../../door/libprocess/upid.ts'
import type { AgentError } from '../../model/errors.ts'
import type { v1 } from '../../wire/messages.ts'
import type { Frameworks } from './frameworks.ts'
import type { MasterLink } from './master-link.ts'
import type { MesosMetrics } from './metrics.ts'
import type { Registration } from './registration.ts'

/** Who this agent is to masters, over its life. */
export interface ClusterIdentity {
  /** What the master has given; undefined: none yet. */
  readonly givenId: string | undefined
  /** Keeps what a master has given. It holds when this is back. */
  become (givenId: string): Promise<void>
}

/** What the parts of the link to a cluster share. */
export interface Cluster {
  readonly agent: () => AgentTasks
  readonly known: () => KnownTasks
  readonly wishes: () => MasterWishes
  readonly identity: ClusterIdentity
  readonly frameworks: Frameworks
  readonly link: MasterLink
  readonly registration: Registration
  /** The update of each task that went out last, by the task's key. */
  readonly told: Map<string, Pick<v1.TaskStatus, 'state' | 'uuid'>>
  /** Stands for the resources as they are: a master that has older ones in mind says so with every task. */
  readonly resourceVersion: Uint8Array
  /** Where the agent can be reached. */
  readonly self: () => Upid
  readonly metrics: MesosMetrics
  readonly log: Log
  /** The agent cannot go on. `tasks`: what becomes of them. */
  readonly onFatal: (cause: AgentError, tasks: 'end' | 'leave') => void
}

export function agentIdOf ({ identity }: Pick<Cluster, 'identity'>): v1.AgentID {
  return { value: identity.givenId ?? '' }
}


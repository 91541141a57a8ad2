import type { FastifyInstance } from 'fastify'
import { printResources } from '../../model/resources-text.ts'
import { Allocator } from './allocator.ts'
import { keptFrameworks } from './kept-frameworks.ts'
import { Ledger } from './ledger.ts'
import { offersEvent } from './offer-event.ts'
import { onExecutorEnded, onExecutorReleased, onMessage } from './executors.ts'
import { onResize } from './resize.ts'
import { restore } from './restore.ts'
import { addRoutes } from './routes.ts'
import { defaultSettings, type Solo, type SoloSettings } from './solo.ts'
import { onReleased, onUpdate } from './updates.ts'
import type { Framework } from './framework.ts'
import type { AgentTasks, TaskListener } from '../../agent/port.ts'
import type { Recovered } from '../../agent/recovered-tasks.ts'
import type { Log } from '../../base/log.ts'
import type { Quantities } from '../../model/resources.ts'
import type { Checkpoint } from '../../store/checkpoint.ts'
import type { FrameworkRecord } from '../../store/records.ts'

export interface SoloMasterOptions {
  /** The agent needs the listener before it is there itself: it is asked for when it is needed. */
  readonly agent: () => AgentTasks
  /** Where the door listens, asked for when it does. */
  readonly address: () => { ip: string, port: number }
  /** All that the host has to give. */
  readonly resources: Quantities
  readonly masterId: string
  readonly hostname: string
  readonly log: Log
  readonly settings?: Partial<SoloSettings>
  /** Without one, nothing is known after a restart. */
  readonly checkpoint?: Checkpoint
}

export interface SoloMaster {
  /** For the agent: what happens to tasks. */
  readonly listener: TaskListener
  /** Takes in the frameworks of an earlier run, with their tasks and executors. They have their time to come back. */
  restore (frameworks: ReadonlyMap<string, FrameworkRecord>, recovered: Recovered): void
  routes (app: FastifyInstance): void
  frameworks (): readonly Framework[]
  /** free + offered + used = total, at all times. */
  accounts (): { total: Quantities, free: Quantities, offered: Quantities, used: Quantities }
  /** Ends all streams and timers. Tasks are the agent's. */
  close (): void
}

/** The embedded single-node master: it offers this host, and no other, to the frameworks that subscribe. */
export function createSoloMaster (options: SoloMasterOptions): SoloMaster {
  const solo = assembleSolo(options)
  let frameworkCount = 0
  solo.log.info({ masterId: solo.masterId, resources: printResources(options.resources) }, 'serving this machine alone')
  return {
    listener: {
      update: (frameworkId, status) => { onUpdate(solo, frameworkId, status) },
      resize: (frameworkId, taskId, resources) => { onResize(solo, frameworkId, taskId, resources) },
      released: (frameworkId, taskId) => { onReleased(solo, frameworkId, taskId) },
      message: (frameworkId, executorId, data) => { onMessage(solo, frameworkId, executorId, data) },
      executorEnded: (frameworkId, executorId, status) => { onExecutorEnded(solo, frameworkId, executorId, status) },
      executorReleased: (frameworkId, executorId) => { onExecutorReleased(solo, frameworkId, executorId) },
    },
    restore: (frameworks, recovered) => { restore(solo, frameworks, recovered) },
    routes: app => { addRoutes(app, solo, () => `${solo.masterId}-${String(frameworkCount++).padStart(4, '0')}`) },
    frameworks: () => [...solo.frameworks.values()],
    accounts: () => {
      const { total, free, offered, used } = solo.ledger
      return { total, free, offered, used }
    },
    close: () => { close(solo) },
  }
}

/** Its parts, without a door. */
export function assembleSolo ({ agent, address, resources, masterId, hostname, log, settings, checkpoint }: SoloMasterOptions): Solo {
  const ledger = new Ledger(resources)
  const frameworks = new Map<string, Framework>()
  const effective = { ...defaultSettings, ...settings }
  const allocator = new Allocator({
    ledger, frameworks, masterId, settings: effective,
    sendOffer: (framework, offer) => { framework.sink?.send(offersEvent(solo, framework, offer)) },
  })
  const kept = keptFrameworks(checkpoint)
  const solo: Solo = { masterId, hostname, address, agent, settings: effective, log, ledger, frameworks, allocator, kept }
  return solo
}

function close ({ allocator, frameworks }: Solo): void {
  allocator.close()
  for (const framework of frameworks.values()) {
    const { sink } = framework
    // Without its sink the end of the stream is nobody's: the framework keeps its tasks and its place.
    framework.sink = undefined
    framework.failover?.cancel()
    sink?.close()
  }
}

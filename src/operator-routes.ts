import type { FastifyInstance } from 'fastify'
import type { TaskRunner } from './agent/task-runner.ts'
import type { WorkDir } from './agent/work-dir.ts'
import type { AllMetrics } from './all-metrics.ts'
import type { EventHub } from './base/event-hub.ts'
import type { Log } from './base/log.ts'
import type { Containerizer } from './containerizer/containerizer.ts'
import type { Door } from './door/start-door.ts'
import type { AgentEvent } from './model/agent-event.ts'
import type { Config } from './model/settings.ts'
import { operatorApi } from './operator/api/operator-api.ts'
import { containerRoutes } from './operator/container-routes.ts'
import { eventRoutes } from './operator/event-routes.ts'
import { figureRoutes } from './operator/figures/figure-routes.ts'
import { mesosFigures } from './operator/figures/mesos-figures.ts'
import { startTally } from './operator/figures/tally.ts'
import { fileRoutes } from './operator/files/file-routes.ts'
import type { SandboxSite } from './operator/files/sandbox-place.ts'
import { metricsRoute } from './operator/metrics.ts'
import { smallRoutes } from './operator/small-routes.ts'
import { stateRoutes } from './operator/state-routes.ts'
import { updateRoute } from './operator/update-route.ts'
import { usageRoutes } from './operator/usage-routes.ts'

export interface OperatorParts {
  readonly config: Config
  readonly log: Log
  readonly workDir: WorkDir
  readonly metrics: AllMetrics
  readonly events: EventHub<AgentEvent>
  readonly containerizer: Containerizer
  readonly tasks: TaskRunner
  readonly master: () => { readonly hostname: string | undefined, readonly isRegistered: boolean }
  /** Asked for when it listens. */
  readonly door: () => Pick<Door, 'ip' | 'port' | 'readyAfterMs'>
}

/** All that looks on, as Mesos has it and for the command line. */
export function operatorRoutes (app: FastifyInstance, parts: OperatorParts): void {
  const { config, log, workDir, metrics, events, containerizer, tasks, door } = parts
  const { book, agentInfo, wishes } = tasks
  const agentId = (): string => workDir.agentId          // one that joins a cluster is given another
  const site: SandboxSite = { workDir: workDir.path, get agentId () { return agentId() } }
  const readUsages = (): ReturnType<Containerizer['usages']> => containerizer.usages()
  const tally = startTally(events)
  app.addHook('onClose', (_app, done) => { tally.close(); done() })
  const readFigures = (): ReturnType<typeof mesosFigures> => {
    return mesosFigures({
      registry: metrics.registry, agentInfo, book, tally,
      isRegistered: () => parts.master().isRegistered, recoverySeconds: () => door().readyAfterMs / 1000,
    })
  }

  metricsRoute(app, metrics.registry)
  figureRoutes(app, readFigures)
  containerRoutes(app, { tasks, pullOf: image => containerizer.pullProgress(image), log })
  fileRoutes(app, { site, book })
  smallRoutes(app, config)
  stateRoutes(app, { agentInfo, book, config, wishes, address: door, masterHostname: () => parts.master().hostname })
  usageRoutes(app, { book, readUsages, log })
  operatorApi(app, { tasks, config, site, readUsages, readFigures })
  updateRoute(app, { tasks, log })
  eventRoutes(app, { events, agentId, log })
}

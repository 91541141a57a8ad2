import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { parseAttributes } from './agent/attributes.ts'
import { DriverExecutors } from './agent/executors/driver/driver-executors.ts'
import { ExecutorDoors } from './agent/executors/executor-doors.ts'
import { executorRoutes } from './agent/executors/http/executor-routes.ts'
import { operatorVariables } from './agent/executors/operator-variables.ts'
import { hostResources } from './agent/host-resources.ts'
import { TaskRunner } from './agent/task-runner.ts'
import { openWorkDir, type WorkDir } from './agent/work-dir.ts'
import { allMetrics, type AllMetrics } from './all-metrics.ts'
import { CleanupStack } from './base/cleanup-stack.ts'
import { eventHub, type EventHub } from './base/event-hub.ts'
import type { Log } from './base/log.ts'
import type { Containerizer } from './containerizer/containerizer.ts'
import { checkDockerConfig } from './containerizer/credentials.ts'
import { sandboxPath } from './containerizer/sandbox.ts'
import { connectionLimit } from './door/connection-limit.ts'
import { startDoor, type Door } from './door/start-door.ts'
import { loadSeccompProfile } from './engine/seccomp/load-profile.ts'
import type { AgentEvent } from './model/agent-event.ts'
import type { Config } from './model/settings.ts'
import type { Quantities } from './model/resources.ts'
import type { SpecSettings } from './agent/task-to-spec.ts'
import { openContainerizer } from './open-containerizer.ts'
import { claimCheckpoint } from './claim-checkpoint.ts'
import { openCheckpoint, type OpenCheckpoint } from './store/open-checkpoint.ts'
import { cacheRoutes } from './operator/cache-routes.ts'
import { containerRoutes } from './operator/container-routes.ts'
import { eventRoutes } from './operator/event-routes.ts'
import { fileRoutes } from './operator/files/file-routes.ts'
import { healthRoutes, openPaths } from './operator/health.ts'
import { metricsRoute } from './operator/metrics.ts'
import { stateRoutes } from './operator/state-routes.ts'
import { updateRoute } from './operator/update-route.ts'
import { usageRoutes } from './operator/usage-routes.ts'
import { createSoloMaster, type SoloMaster } from './scheduler/solo/solo-master.ts'
import { startHousekeeping } from './start-housekeeping.ts'
import { toResources } from './scheduler/solo/wire-resources.ts'

export interface AgentProcess {
  readonly url: string
  readonly token: string | undefined
  /** Ends what runs, or leaves it alone for the next run of the agent; then closes what is open. Bounded; without tasks to end, in under 2 s. */
  stop (reason: string, tasks: 'end' | 'leave'): Promise<void>
}

/** What the parts are made from; `door` and `tasks` are needed by some that are made before them. */
interface Parts {
  readonly config: Config
  readonly log: Log
  readonly workDir: WorkDir
  readonly metrics: AllMetrics
  readonly events: EventHub<AgentEvent>
  readonly resources: Quantities
  readonly containerizer: Containerizer
  readonly checkpoint: OpenCheckpoint
  readonly executorDoors: ExecutorDoors
  readonly executorVariables: Readonly<Record<string, string>>
  readonly door: () => Door
  readonly tasks: () => TaskRunner
}

/** A container's grace when the agent itself is asked to end. */
const shutdownGraceMs = 5_000
/** A framework that does not listen hears the end of its tasks from the next agent. */
const lastWordsMs = 1_000
const firstListMs = 15_000

/** Puts the agent together and starts it. Throws an AgentError when that cannot be: a port that is taken, a work directory in use. */
export async function startAgentProcess (config: Config, log: Log): Promise<AgentProcess> {
  const { executorVariables, seccompProfile } = await readFiles(config)
  await using opened = new CleanupStack()
  const workDir = opened.use(await openWorkDir(config.workDir))
  const metrics = allMetrics()
  const events = eventHub<AgentEvent>()
  const checkpoint = opened.use(await openCheckpoint({ workDir: workDir.path, strict: config.strict, metrics: metrics.store, log }))
  claimCheckpoint(checkpoint, workDir, log)
  const containerizer = openContainerizer({ config, metrics, log, workDir, checkpoint, seccompProfile, onEvent: events.tell }, opened)
  opened.defer(() => containerizer.leave())
  const resources = await hostResources(config.resources, workDir.path)
  const executorDoors = openExecutorDoors(config, log, workDir.path, { door: () => door, tasks: () => tasks })
  opened.defer(() => executorDoors.close())
  const parts: Parts = {
    config, log, workDir, metrics, events, resources, containerizer, checkpoint, executorDoors, executorVariables, door: () => door, tasks: () => tasks,
  }
  const solo = openSolo(parts)
  opened.defer(() => { solo.close() })
  const tasks = openTasks(parts, solo)
  opened.defer(() => { tasks.close() })
  const drivers = openDrivers(parts)
  opened.defer(() => { drivers.close() })
  const door = await openDoor(parts, solo, drivers)
  opened.defer(() => door.close())
  solo.restore(checkpoint.snapshot.framework, tasks.restore(checkpoint.snapshot, checkpoint.onUnreadable))
  tasks.resume()
  await findContainers(containerizer, log)
  await executorDoors.openSocket()
  startHousekeeping({ config, metrics, workDir: workDir.path, containerizer, log }, opened)
  door.ready = true
  tasks.executors.serve()
  if (config.driverExecutors) drivers.callBack()

  const owned = opened.move()
  return {
    url: door.url,
    token: config.authenticate ? workDir.token : undefined,
    async stop (reason, what) {
      log.info({ reason, tasks: what }, 'agent is stopping')
      if (what === 'leave') door.ready = false
      else tasks.announceEnd(reason)
      await (what === 'end' ? containerizer.close(shutdownGraceMs) : containerizer.leave())      // while frameworks can hear the last of their tasks
      if (what === 'end') await tasks.heard(lastWordsMs)
      tasks.close()           // nor have executors whose streams the door cuts
      solo.close()            // before the door cuts their streams: they have not gone, we have
      await owned[Symbol.asyncDispose]()
    },
  }
}

/** What the files of settings hold. Throws SETTING_INVALID. */
async function readFiles (config: Config): Promise<{ executorVariables: Parts['executorVariables'], seccompProfile: string | undefined }> {
  await checkDockerConfig(config.dockerConfig)
  return {
    executorVariables: await operatorVariables(config.executorEnvironmentVariables),
    seccompProfile: await loadSeccompProfile(config.seccompProfile),
  }
}

function openSolo ({ config, log, resources, checkpoint, tasks, door }: Parts): SoloMaster {
  return createSoloMaster({
    resources, log, masterId: randomUUID(), hostname: config.hostname, settings: { offerTimeoutMs: config.offerTimeout },
    agent: tasks, checkpoint, address: () => ({ ip: door().ip, port: door().port }),
  })
}

const socketFolderOf = (workDir: string): string => join(workDir, 'executor-door')

/** Its doors serve executors alone, whatever the main one serves. */
function openExecutorDoors (config: Config, log: Log, workDir: string, { door, tasks }: Pick<Parts, 'door' | 'tasks'>): ExecutorDoors {
  // The main door may take half of the files that can be open: however many networks there are, their doors take half of the rest.
  const connections = { most: Math.ceil(connectionLimit() / 2), open: 0 }
  return new ExecutorDoors({
    main: door, socketFolder: socketFolderOf(workDir), log,
    open: async where => {
      const opened = await startDoor({
        ...where, token: undefined, openPaths: [], connections, log,
        routes: app => { executorRoutes(app, { executors: tasks().executors, authenticate: config.authenticate, log }) },
      })
      opened.ready = true
      return opened
    },
  })
}

function openTasks (parts: Parts, solo: SoloMaster): TaskRunner {
  const { config, log, workDir: place, metrics, events, resources, containerizer, checkpoint, executorDoors, executorVariables } = parts
  const { path: workDir, instanceId, agentId } = place
  const specSettings: SpecSettings = {
    policy: config, instanceId, namePrefix: config.containerNamePrefix, sandboxDirectory: config.sandboxDirectory, defaultGraceMs: config.dockerStopTimeout,
    sandboxPath: (frameworkId, executorId, containerId) => sandboxPath({ workDir, agentId, frameworkId, executorId, containerId }),
  }
  return new TaskRunner({
    containerizer, checkpoint, log, metrics: metrics.agent, onEvent: events.tell, listener: solo.listener, ip: config.ip,
    agentInfo: {
      id: { value: agentId }, hostname: config.hostname, port: config.port,
      resources: toResources(resources), attributes: parseAttributes(config.attributes ?? ''),
    },
    specSettings,
    executors: {
      spec: { ...specSettings, socketFolder: socketFolderOf(workDir) },
      endpoints: executorDoors,
      variables: executorVariables,
      times: {
        registrationMs: config.executorRegistrationTimeout, shutdownGraceMs: config.executorShutdownGracePeriod,
        recoveryMs: config.recoveryTimeout, reregistrationMs: config.executorReregistrationTimeout,
      },
    },
  })
}

function openDrivers ({ containerizer, executorDoors, tasks, log }: Parts): DriverExecutors {
  const { executors, agentInfo } = tasks()
  return new DriverExecutors({
    port: executors, all: () => executors.book.all(), containerizer, agentInfo, address: () => executorDoors.hostAddress(), log,
  })
}

async function openDoor (
  { config, log, workDir, metrics, events, containerizer, checkpoint, door, tasks }: Parts, solo: SoloMaster, drivers: DriverExecutors,
): Promise<Door> {
  if (!config.authenticate) log.warn({}, 'authentication is off: every task on host networking can command this agent')
  return await startDoor({
    ip: config.ip, port: config.port, token: config.authenticate ? workDir.token : undefined, openPaths, log,
    routes: app => {
      healthRoutes(app, {
        isServing: () => door().ready, engine: () => metrics.containerizer.engine, checkpointFault: () => checkpoint.fault,
      })
      metricsRoute(app, metrics.registry)
      solo.routes(app)
      executorRoutes(app, { executors: tasks().executors, authenticate: config.authenticate, log })
      if (config.driverExecutors) drivers.routes(app)
      containerRoutes(app, { tasks: tasks(), pullOf: image => containerizer.pullProgress(image), log })
      fileRoutes(app, { site: { workDir: workDir.path, agentId: workDir.agentId }, book: tasks().book })
      stateRoutes(app, { agentInfo: tasks().agentInfo, book: tasks().book, config, address: door })
      usageRoutes(app, { book: tasks().book, readUsages: () => containerizer.usages(), log })
      updateRoute(app, { tasks: tasks(), log })
      cacheRoutes(app, { cache: containerizer.fetchCache, log })
      eventRoutes(app, { events, agentId: workDir.agentId, log })
    },
  })
}

/** An engine that is down does not keep the agent down: the watch goes on asking. */
async function findContainers (containerizer: Containerizer, log: Log): Promise<void> {
  await containerizer.open(AbortSignal.timeout(firstListMs)).catch((error: unknown) => {
    log.warn({ error }, 'the engine does not answer; starting without it')
  })
}

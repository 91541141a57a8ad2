import { join } from 'node:path'
import { DriverExecutors } from './agent/executors/driver/driver-executors.ts'
import { ExecutorDoors } from './agent/executors/executor-doors.ts'
import { executorRoutes } from './agent/executors/http/executor-routes.ts'
import { operatorVariables } from './agent/executors/operator-variables.ts'
import { readableRecords } from './agent/readable-records.ts'
import { asMesosTask } from './agent/inventory.ts'
import { TaskRunner } from './agent/task-runner.ts'
import { openWorkDir, type WorkDir } from './agent/work-dir.ts'
import { allMetrics, type AllMetrics } from './all-metrics.ts'
import { CleanupStack } from './base/cleanup-stack.ts'
import { deferred } from './base/deferred.ts'
import { eventHub, type EventHub } from './base/event-hub.ts'
import type { Log } from './base/log.ts'
import type { Containerizer } from './containerizer/containerizer.ts'
import { checkDockerConfig } from './containerizer/credentials.ts'
import { sandboxPath } from './containerizer/sandbox.ts'
import { connectionLimit } from './door/connection-limit.ts'
import { readCredentials } from './door/credentials.ts'
import { startDoor, type Door } from './door/start-door.ts'
import { loadSeccompProfile } from './engine/seccomp/load-profile.ts'
import type { AgentEvent } from './model/agent-event.ts'
import type { Config } from './model/settings.ts'
import type { SpecSettings } from './agent/task-to-spec.ts'
import { openContainerizer } from './open-containerizer.ts'
import { describeAgent, openScheduler, type Scheduler } from './open-scheduler.ts'
import type { AgentError } from './model/errors.ts'
import type { v1 } from './wire/messages.ts'
import { claimCheckpoint, claimMode } from './claim-checkpoint.ts'
import { openCheckpoint, type OpenCheckpoint } from './store/open-checkpoint.ts'
import { healthRoutes, openPaths } from './operator/health.ts'
import { operatorRoutes } from './operator-routes.ts'
import { startHousekeeping } from './start-housekeeping.ts'

export interface AgentProcess {
  readonly url: string
  readonly token: string | undefined
  /** Settles when the agent cannot go on: it is to be stopped then, its tasks ended or left alone. */
  readonly over: Promise<Over>
  /**
   * Ends what runs, or leaves it alone for the next run of the agent; then closes what is open. Bounded; without tasks to end, in under 2 s.
   * 'end for good': a cluster's master hears that this agent does not come back.
   */
  stop (reason: string, tasks: 'end' | 'leave' | 'end for good'): Promise<void>
}

/** Why, and what becomes of its tasks. */
export interface Over { readonly cause: AgentError, readonly tasks: 'end for good' | 'leave' }

/** What the parts are made from; `door` and `tasks` are needed by some that are made before them. */
interface Parts {
  readonly config: Config
  readonly log: Log
  readonly workDir: WorkDir
  readonly metrics: AllMetrics
  readonly events: EventHub<AgentEvent>
  readonly agentInfo: v1.AgentInfo
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
  await claimMode(checkpoint, workDir, config.master !== undefined || config.recover === 'cleanup' && workDir.hasGivenId)
  const containerizer = openContainerizer({ config, metrics, log, workDir, checkpoint, seccompProfile, onEvent: events.tell }, opened)
  opened.defer(() => containerizer.leave())
  const { agentInfo, resources } = await describeAgent(config, workDir, checkpoint)
  const over = deferred<Over>()
  const executorDoors = openExecutorDoors(config, log, workDir.path, { door: () => door, tasks: () => tasks })
  opened.defer(() => executorDoors.close())
  const parts: Parts = {
    config, log, workDir, metrics, events, agentInfo, containerizer, checkpoint, executorDoors, executorVariables, door: () => door, tasks: () => tasks,
  }
  const scheduler = openScheduler({
    ...parts, resources, onFatal: (cause, what) => { over.resolve({ cause, tasks: what === 'end' ? 'end for good' : 'leave' }) },
  })
  opened.defer(() => scheduler.close())
  const tasks = openTasks(parts, scheduler)
  opened.defer(() => { tasks.close() })
  const drivers = openDrivers(parts)
  opened.defer(() => { drivers.close() })
  const door = await openDoor(parts, scheduler, drivers)
  opened.defer(() => door.close())
  agentInfo.port = config.advertisePort ?? door.port
  const snapshot = readableRecords(checkpoint.snapshot, checkpoint.onUnreadable)
  scheduler.restore(snapshot.framework, tasks.restore(snapshot))
  tasks.resume()
  await findContainers(containerizer, log)
  containerizer.startThreads()
  await executorDoors.openSocket()
  startHousekeeping({ config, metrics, workDir: workDir.path, containerizer, log }, opened)
  door.ready = true
  tasks.executors.serve()
  if (config.driverExecutors) drivers.callBack()
  scheduler.start()

  const token = config.authenticate ? workDir.token : undefined
  return { url: door.url, token, over: over.promise, stop: stopper(parts, scheduler, opened.move()) }
}

function stopper ({ log, door, tasks, containerizer }: Parts, scheduler: Scheduler, owned: AsyncDisposable): AgentProcess['stop'] {
  return async (reason, what) => {
    log.info({ reason, tasks: what }, 'agent is stopping')
    if (what === 'leave') door().ready = false
    else tasks().announceEnd(reason)
    await (what === 'leave' ? containerizer.leave() : containerizer.close(shutdownGraceMs))      // while frameworks can hear the last of their tasks
    if (what !== 'leave') await tasks().heard(lastWordsMs)
    if (what === 'end for good') await scheduler.leaveForGood()
    tasks().close()           // nor have executors whose streams the door cuts
    await scheduler.close()            // before the door cuts their streams: they have not gone, we have
    await owned[Symbol.asyncDispose]()
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

function openTasks (parts: Parts, { listener }: Scheduler): TaskRunner {
  const { config, log, workDir: place, metrics, events, agentInfo, containerizer, checkpoint, executorDoors, executorVariables } = parts
  const { path: workDir, instanceId } = place
  const specSettings: SpecSettings = {
    workDir,
    policy: config, instanceId, namePrefix: config.containerNamePrefix, sandboxDirectory: config.sandboxDirectory, defaultGraceMs: config.dockerStopTimeout,
    sandboxPath: (frameworkId, executorId, containerId) => sandboxPath({ workDir, agentId: place.agentId, frameworkId, executorId, containerId }),
  }
  return new TaskRunner({
    containerizer, checkpoint, log, metrics: metrics.agent, onEvent: events.tell, listener, ip: config.advertiseIp ?? config.ip,
    agentInfo, specSettings, endOf: config.master === undefined ? undefined : asMesosTask,
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
  { config, log, workDir, metrics, events, containerizer, checkpoint, door, tasks }: Parts, scheduler: Scheduler, drivers: DriverExecutors,
): Promise<Door> {
  if (!config.authenticate) log.warn({}, 'authentication is off: every task on host networking can command this agent')
  return await startDoor({
    ip: config.ip, port: config.port, token: config.authenticate ? workDir.token : undefined, openPaths, log,
    credentials: await readCredentials(config.httpCredentials), isReadingOpen: !config.authenticateReadonly,
    routes: app => {
      healthRoutes(app, {
        isServing: () => door().ready, engine: () => metrics.containerizer.engine, checkpointFault: () => checkpoint.fault,
      })
      scheduler.routes(app)
      executorRoutes(app, { executors: tasks().executors, authenticate: config.authenticate, log })
      if (config.driverExecutors) drivers.routes(app)
      operatorRoutes(app, { config, log, workDir, metrics, events, containerizer, tasks: tasks(), door, master: () => scheduler.master() })
    },
  })
}

/** An engine that is down does not keep the agent down: the watch goes on asking. */
async function findContainers (containerizer: Containerizer, log: Log): Promise<void> {
  await containerizer.open(AbortSignal.timeout(firstListMs)).catch((error: unknown) => {
    log.warn({ error }, 'the engine does not answer; starting without it')
  })
}

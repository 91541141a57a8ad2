import { randomUUID } from 'node:crypto'
import { createAgentTasks } from './agent/agent-tasks.ts'
import { parseAttributes } from './agent/attributes.ts'
import { hostResources } from './agent/host-resources.ts'
import type { AgentTasks } from './agent/port.ts'
import { openWorkDir } from './agent/work-dir.ts'
import { allMetrics } from './all-metrics.ts'
import { CleanupStack } from './base/cleanup-stack.ts'
import type { Log } from './base/log.ts'
import { createContainerizer, type Containerizer } from './containerizer/containerizer.ts'
import type { ContainerizerMetrics } from './containerizer/metrics.ts'
import { sandboxPath } from './containerizer/sandbox.ts'
import { startDoor, type Door } from './door/start-door.ts'
import { openEngine } from './engine/docker-engine.ts'
import { lanesFrom } from './lane-limits.ts'
import type { Config } from './model/settings.ts'
import { containerRoutes } from './operator/container-routes.ts'
import { healthRoutes, openPaths } from './operator/health.ts'
import { metricsRoute } from './operator/metrics.ts'
import { startPool, type Pool } from './pool/pool.ts'
import { createSoloMaster } from './scheduler/solo/solo-master.ts'
import { toResources } from './scheduler/solo/wire-resources.ts'

export interface AgentProcess {
  readonly url: string
  readonly token: string | undefined
  /** Destroys what runs, then closes what is open. Bounded. */
  stop (reason: string): Promise<void>
}

/** A container's grace when the agent itself is asked to end. */
const shutdownGraceMs = 5_000
const workerCancelMs = 5_000
/** Streams that one log worker carries at once. */
const pipesPerThread = 500
const firstListMs = 15_000

/** Puts the agent together and starts it. Throws an AgentError when that cannot be: a port that is taken, a work directory in use. */
export async function startAgentProcess (config: Config, log: Log): Promise<AgentProcess> {
  await using opened = new CleanupStack()
  const workDir = opened.use(await openWorkDir(config.workDir))
  const token = config.authenticate ? workDir.token : undefined
  if (!config.authenticate) log.warn({}, 'authentication is off: every task on host networking can command this agent')
  const metrics = allMetrics()
  const engine = openEngine({ socketPath: config.dockerSocket }, { maxSizeBytes: config.logMaxSize, maxFiles: config.logMaxFile })
  const pool = (name: 'pull' | 'logs', threads: number, jobsPerThread: number): Pool => opened.use(startWorkers(name, threads, jobsPerThread, log))
  const containerizer = createContainerizer({
    engine, log, socketPath: config.dockerSocket, metrics: metrics.containerizer, instanceId: workDir.instanceId, lanes: lanesFrom(config),
    pullPool: pool('pull', config.pullThreads, config.pullConcurrency), logPool: pool('logs', config.logThreads, pipesPerThread),
    launchTimeoutMs: config.launchTimeout, pullStallMs: config.pullStallTimeout, queueLimit: config.queueLimit, pollMs: config.exitPollInterval,
  })
  opened.defer(() => containerizer.close(shutdownGraceMs))

  const resources = await hostResources(config.resources, workDir.path)
  const solo = createSoloMaster({
    resources, log, masterId: randomUUID(), hostname: config.hostname, settings: { offerTimeoutMs: config.offerTimeout },
    agent: () => tasks, address: () => ({ ip: door.ip, port: door.port }),
  })
  opened.defer(() => { solo.close() })
  const tasks: ReturnType<typeof createAgentTasks> = createAgentTasks({
    containerizer, engine, log, metrics: metrics.agent, listener: solo.listener, ip: config.ip,
    agentInfo: {
      id: { value: workDir.agentId }, hostname: config.hostname, port: config.port,
      resources: toResources(resources), attributes: parseAttributes(config.attributes ?? ''),
    } satisfies AgentTasks['agentInfo'],
    specSettings: {
      instanceId: workDir.instanceId, namePrefix: config.containerNamePrefix, sandboxDirectory: config.sandboxDirectory, defaultGraceMs: config.dockerStopTimeout,
      sandboxPath: (frameworkId, executorId, containerId) => sandboxPath({ workDir: workDir.path, agentId: workDir.agentId, frameworkId, executorId, containerId }),
    },
  })
  const door: Door = await startDoor({
    ip: config.ip, port: config.port, token, openPaths, log,
    routes: app => {
      healthRoutes(app, { isServing: () => door.ready, isEngineUp: () => metrics.containerizer.isEngineUp() })
      metricsRoute(app, metrics.registry)
      solo.routes(app)
      containerRoutes(app, { tasks, log })
    },
  })
  opened.defer(() => door.close())
  await tidyUp(containerizer, metrics.containerizer, log)
  door.ready = true

  const owned = opened.move()
  return {
    url: door.url,
    token,
    async stop (reason) {
      log.info({ reason }, 'agent is stopping')
      await containerizer.close(shutdownGraceMs)      // while the door is open: frameworks hear the last of their tasks
      await owned[Symbol.asyncDispose]()
    },
  }
}

function startWorkers (name: 'pull' | 'logs', threads: number, jobsPerThread: number, log: Log): Pool {
  const entry = new URL(`../workers/${name}/entry.js`, import.meta.url)
  return startPool({ name, entry, threads, jobsPerThread, cancelMs: workerCancelMs, log })
}

/** An engine that is down does not keep the agent down: the watch goes on asking. */
async function tidyUp (containerizer: Containerizer, metrics: ContainerizerMetrics, log: Log): Promise<void> {
  await containerizer.open(AbortSignal.timeout(firstListMs)).catch((error: unknown) => {
    metrics.engineAnswered(false)
    log.warn({ error }, 'the engine does not answer; starting without it')
  })
}

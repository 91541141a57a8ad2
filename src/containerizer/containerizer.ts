import { race, settlesWithin, startDeadline } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import type { Engine, Listed, PullProgress } from '../engine/port.ts'
import { labels, type ContainerSpec } from '../model/container-spec.ts'
import { AgentError } from '../model/errors.ts'
import type { Pool } from '../pool/pool.ts'
import { Container } from './container.ts'
import { watchExits } from './exits.ts'
import { imagePulls } from './image-pulls.ts'
import { createLanes, type LanesOptions } from './lanes.ts'
import { launch } from './launch.ts'
import { logPipes } from './log-pipes.ts'
import type { ContainerizerMetrics } from './metrics.ts'
import { removeUntilGone } from './removal.ts'
import { stopContainer } from './stop.ts'

export interface ContainerizerOptions {
  readonly engine: Engine
  readonly socketPath: string
  readonly pullPool: Pool
  readonly logPool: Pool
  readonly metrics: ContainerizerMetrics
  readonly log: Log
  /** Containers with this id in their label `slipway.agent` are ours, and no others. */
  readonly instanceId: string
  readonly lanes: Omit<LanesOptions, 'metrics'>
  readonly launchTimeoutMs: number
  readonly pullStallMs: number
  readonly queueLimit: number
  readonly pollMs: number
}

export interface Containerizer {
  /** Takes a container on and answers at once; follow `running`, `ended` and `gone`. Throws QUEUE_FULL. */
  launch (spec: ContainerSpec, priority: number): Container
  /** Ends a container in whatever state it is; back when it is confirmed gone. Again with a shorter grace hurries it. */
  destroy (container: Container, graceMs: number, why: string): Promise<void>
  pullProgress (image: string): PullProgress | undefined
  /** Removes what an earlier run of this instance left behind, and watches over ours until closed. Throws when the engine does not answer; watches all the same. */
  open (signal: AbortSignal): Promise<void>
  /** Destroys all that is left, within `graceMs` and a bound. */
  close (graceMs: number): Promise<void>
}

/** How long a failed launch waits for its container to be confirmed gone before it says that it may still run. */
const confirmMs = 30_000
/** How long a pipe may lag behind its container's end. */
const drainMs = 5_000
const closeMs = 60_000

export function createContainerizer (options: ContainerizerOptions): Containerizer {
  const { engine, metrics, log, socketPath } = options
  const containers = new Map<string, Container>()
  const sweeping = new Set<string>()
  const closing = new AbortController()
  const lanes = createLanes({ ...options.lanes, metrics })
  const pulls = imagePulls({ engine, lanes, pool: options.pullPool, socketPath, stallMs: options.pullStallMs })
  const pipes = logPipes({ pool: options.logPool, socketPath, metrics, log, onEnd: container => { exits.notice(container) } })
  const exits = watchExits({
    engine, lanes, log, metrics, containers, label: `${labels.agent}=${options.instanceId}`, pollMs: options.pollMs, onOrphan: one => { void sweep(one) },
  })
  let watching: Promise<void> = Promise.resolve()

  let waiting = 0
  let isClosing = false

  function onMove (container: Container, from: Container['state'] | undefined): void {
    if (waits(container.state)) waiting++
    if (from !== undefined && waits(from)) waiting--
    metrics.moved(from, container.state)
    log.debug({ containerId: container.id, from, to: container.state }, 'container moved')
  }

  /** The whole life of one container, straight on. */
  async function live (container: Container): Promise<void> {
    try {
      await launch(container, { engine, pulls, pipes }, {
        lanes, metrics, timeline: container.timeline, log: log.child({ containerId: container.id }), priority: container.priority,
        signal: container.launch.signal, launchTimeoutMs: options.launchTimeoutMs, undoTimeoutMs: confirmMs,
      })
      succeeded(container)
    } catch (error) {
      await failed(container, AgentError.from(error))
    }
    await container.ended.promise
    if (container.state === 'running' || container.state === 'stopping') container.move('exit')
    await drain(container)
    if (container.timeline.hasBegun('create')) await removeUntilGone(container.spec.name, { engine, lanes, log }, closing.signal)
    if (container.state !== 'gone') container.move('remove')
    containers.delete(container.id)
    container.gone.resolve()
  }

  function succeeded (container: Container): void {
    if (container.state === 'launching') container.move('started')
    else void stop(container)     // killed at the last moment: it came up all the same
    container.running.resolve()
    exits.notice(container)       // it may have ended before anybody watched
  }

  /** The launch is undone by now; what counts is whether the engine agrees. */
  async function failed (container: Container, error: AgentError): Promise<void> {
    container.running.reject(error)
    const mayStillRun = container.timeline.hasBegun('create') && !await confirmGone(container)
    if (container.state === 'launching' || container.state === 'stopping') container.move('fail')
    container.piped.resolve()
    container.end({ exitCode: undefined, oomKilled: false, error, mayStillRun })
  }

  async function confirmGone (container: Container): Promise<boolean> {
    using deadline = startDeadline(closing.signal, confirmMs, () => new AgentError('MAY_STILL_RUN', 'not confirmed in time'))
    return await removeUntilGone(container.spec.name, { engine, lanes, log }, deadline.signal).then(() => true, () => false)
  }

  async function drain (container: Container): Promise<void> {
    await settlesWithin(container.piped.promise, drainMs)
    pipes.cut(container)
  }

  async function sweep ({ id, name }: Listed): Promise<void> {
    if (sweeping.has(id)) return
    sweeping.add(id)
    log.info({ container: name }, 'removing a container with our label and no owner')
    await removeUntilGone(id, { engine, lanes, log }, closing.signal).then(() => { metrics.swept.inc() }, () => {})
    sweeping.delete(id)
  }

  async function destroy (container: Container, graceMs: number, why: string): Promise<void> {
    container.graceMs = Math.min(container.graceMs, graceMs)
    if (container.state === 'running') {
      container.graceMs = graceMs
      container.move('cancel')
      await stop(container)
    } else if (container.state === 'stopping') {
      if (!await settlesWithin(container.ended.promise, container.graceMs)) container.hurry.resolve()
    } else if (container.state === 'queued' || container.state === 'launching') {
      container.move('cancel')
      container.launch.abort(new AgentError('CANCELLED', why))
    }
    await container.gone.promise
  }

  async function stop (container: Container): Promise<void> {
    await stopContainer(container, { engine, lanes, log, killWaitMs: options.lanes.limits.kill.timeoutMs }, closing.signal).catch(() => {})
    if (container.termination === undefined) await giveUpWaiting(container)
  }

  /** Two signals and no end that anybody saw: removal by force settles it, or it may still run. */
  async function giveUpWaiting (container: Container): Promise<void> {
    const isGone = await confirmGone(container)
    const error = isGone ? undefined : new AgentError('MAY_STILL_RUN', 'the engine did not confirm its end')
    container.end({ exitCode: undefined, oomKilled: false, error, mayStillRun: !isGone })
  }

  return {
    launch (spec, priority) {
      if (isClosing) throw new AgentError('CANCELLED', 'the agent is shutting down')
      if (waiting >= options.queueLimit) throw new AgentError('QUEUE_FULL', `${waiting} launches are waiting already`)
      const container = new Container(spec, priority, onMove)
      containers.set(container.id, container)
      live(container).catch((error: unknown) => { if (!closing.signal.aborted) log.error({ containerId: container.id, error }, 'a container was lost track of') })
      return container
    },
    destroy,
    pullProgress: image => pulls.progress(image),
    async open (signal) {
      try {
        await exits.poll(signal)
      } finally {
        watching = exits.watch(closing.signal)
      }
    },
    async close (graceMs) {
      isClosing = true
      const all = Promise.all([...containers.values()].map(container => destroy(container, graceMs, 'the agent is shutting down')))
      await race(all, AbortSignal.timeout(graceMs + closeMs)).catch(() => { log.error({ left: containers.size }, 'containers are left behind') })
      closing.abort(new AgentError('CANCELLED', 'the agent is shutting down'))
      await watching
    },
  }
}

function waits (state: Container['state']): boolean {
  return state === 'queued' || state === 'launching'
}

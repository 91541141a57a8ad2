import type { Message } from '../../door/libprocess/frame.ts'
import { upidText, type Upid } from '../../door/libprocess/upid.ts'
import { AgentError, chain } from '../../model/errors.ts'
import type { MessageTypes } from '../../wire/messages.ts'
import { decodeProtobuf } from '../../wire/protobuf.ts'
import { agentIdOf, type Cluster } from './cluster.ts'
import { killTask } from './kill-task.ts'
import type { Internal } from './messages.ts'
import { reconcile } from './reconcile.ts'
import { onRegistered, onReregistered } from './registered.ts'
import { forgetTask } from './tellings.ts'
import { refuseTaskGroup, runTask } from './run-task.ts'

type Handler<N extends Internal> = (cluster: Cluster, message: MessageTypes[N], from: Upid) => Promise<void> | void
type Handlers = { readonly [N in Internal]?: Handler<N> }

/** What a master says, and what is done about it. */
const handlers: Handlers = {
  'internal.SlaveRegisteredMessage': onRegistered,
  'internal.SlaveReregisteredMessage': onReregistered,
  'internal.PingSlaveMessage': ({ registration }, { connected }, { id }) => { registration.pinged(connected, id) },
  'internal.RunTaskMessage': runTask,
  'internal.RunTaskGroupMessage': refuseTaskGroup,
  'internal.KillTaskMessage': killTask,
  'internal.StatusUpdateAcknowledgementMessage': (cluster, { slave_id: agentId, framework_id: { value: frameworkId }, task_id: { value: taskId }, uuid }) => {
    const { agent, log } = cluster
    if (agentId.value !== agentIdOf(cluster).value || !agent().acknowledge(frameworkId, taskId, uuid)) {
      log.debug({ frameworkId, taskId }, 'an acknowledgement of nothing that waits was ignored')     // a second one is usual after a re-registration
      return
    }
    forgetTask(cluster, frameworkId, taskId)
  },
  'internal.FrameworkToExecutorMessage': ({ agent, log }, { framework_id: { value: frameworkId }, executor_id: { value: executorId }, data }) => {
    if (!agent().message(frameworkId, executorId, data)) log.info({ frameworkId, executorId }, 'a message to an executor that does not hear was dropped')
  },
  'internal.ShutdownExecutorMessage': ({ agent, log }, { framework_id: framework, executor_id: executor }) => {
    const [frameworkId, executorId] = [framework?.value ?? '', executor?.value ?? '']
    if (!agent().shutdownExecutor(frameworkId, executorId)) log.info({ frameworkId, executorId }, 'the shutdown of an executor that is not there was dropped')
  },
  'internal.ShutdownFrameworkMessage': ({ agent, frameworks, log }, { framework_id: { value: frameworkId } }) => {
    log.info({ frameworkId }, 'a framework is shut down')
    agent().removeFramework(frameworkId)
    frameworks.forget(frameworkId)
  },
  'internal.UpdateFrameworkMessage': ({ agent, frameworks }, { framework_id: { value: frameworkId }, framework_info: info }) => {
    if (frameworks.find(frameworkId) === undefined) return
    if (info !== undefined) frameworks.note(frameworkId, { ...info, id: { value: frameworkId } })
    agent().resend(frameworkId)
  },
  'internal.ReconcileTasksMessage': reconcile,
  // Written down before the tasks that come next, which use what was made.
  'internal.CheckpointResourcesMessage': async ({ wishes, log }, { resources = [] }) => {
    await wishes().capacity.set(resources)
    log.info({ resources: resources.length }, 'the master has made reservations or volumes of this agent\'s resources')
  },
  'internal.DrainSlaveMessage': async ({ wishes }, { config }) => { await wishes().draining.begin(config) },
  'internal.ShutdownMessage': ({ registration, onFatal }, { message = 'no reason was given' }) => {
    registration.close()       // of its tasks it hears no more
    onFatal(new AgentError('CANCELLED', `the master has told this agent to end: ${message}`), 'end')
  },
}

export const masterMessages: readonly string[] = Object.keys(handlers).map(name => `mesos.${name}`)

/** What makes sense for an agent that has no id. */
const beforeId: ReadonlySet<string> = new Set([
  'mesos.internal.SlaveRegisteredMessage', 'mesos.internal.PingSlaveMessage', 'mesos.internal.ShutdownMessage',
])

/** So many may wait until an id is written down: beyond that a master talks to nobody. */
const maxWaiting = 10_000

/** Takes what masters say, one message after the other. */
export class Incoming {
  readonly #cluster: Cluster
  readonly #waiting: Array<{ message: Message, from: Upid }> = []
  #isBusy = false

  constructor (cluster: Cluster) { this.#cluster = cluster }

  /** Never throws for what a sender has done wrong: nobody reads the answer. */
  take (message: Message, from: Upid): void {
    const { link, metrics, log } = this.#cluster
    if (!link.isLeader(from)) {
      metrics.message('ignored')
      log.warn({ from: upidText(from), name: message.name, master: link.name }, 'a message that is not from the master that leads was ignored')
    } else if (this.#waiting.length >= maxWaiting) {
      metrics.message('ignored')
    } else {
      this.#waiting.push({ message, from })
      if (!this.#isBusy) this.#next()
    }
  }

  #next (): void {
    for (let one = this.#waiting.shift(); one !== undefined; one = this.#waiting.shift()) {
      const work = this.#handle(one.message, one.from)
      if (work === undefined) continue
      this.#isBusy = true
      void work.then(() => { this.#isBusy = false; this.#next() })
      return
    }
  }

  #handle ({ name, body }: Message, from: Upid): Promise<void> | undefined {
    const { identity, metrics, log } = this.#cluster
    const failed = (error: unknown): void => { log.error({ name, error: chain(error) }, 'a message of the master could not be dealt with') }
    if (identity.givenId === undefined && !beforeId.has(name)) { metrics.message('ignored'); return undefined }
    const act = readMessage(name.replace(/^mesos\./, '') as Internal, body)
    if (act instanceof AgentError) {
      metrics.message('malformed')
      log.warn({ name, from: upidText(from), error: chain(act) }, 'a message of the master cannot be read')
      return undefined
    }
    metrics.message('taken')
    try {
      return act(this.#cluster, from)?.catch(failed)
    } catch (error) {
      failed(error)
      return undefined
    }
  }
}

function readMessage<N extends Internal> (name: N, body: Uint8Array): AgentError | ((cluster: Cluster, from: Upid) => Promise<void> | undefined) {
  try {
    const message = decodeProtobuf(name, body)
    const handler = handlers[name] as Handler<N>
    return (cluster, from) => handler(cluster, message, from) ?? undefined
  } catch (error) {
    return AgentError.from(error)
  }
}

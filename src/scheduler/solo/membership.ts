import { instant } from '../../base/boot-clock.ts'
import { frameworkFault, updateFault } from './framework-validation.ts'
import { newFramework, type EventSink, type Framework } from './framework.ts'
import { startLongTimer } from './long-timer.ts'
import { masterInfo } from './master-info.ts'
import type { Solo } from './solo.ts'
import type { scheduler, v1 } from '../../wire/messages.ts'

/** Lets a framework in, anew or back again. What is wrong with it is told on its stream, which then ends. */
export function subscribe (solo: Solo, call: scheduler.Call_Subscribe, newId: () => string, sink: EventSink): void {
  const { framework_info: info, suppressed_roles: suppressedRoles = [] } = call
  const fault = frameworkFault(info, suppressedRoles)
  if (fault !== undefined) { sendError(sink, fault); return }
  const framework = admit(solo, info, newId)
  if (typeof framework === 'string') { sendError(sink, framework); return }
  // Of a framework that comes back, what cannot change stays as it was.
  const { user, checkpoint } = framework.info
  framework.info = { ...info, id: { value: framework.id }, user, checkpoint }
  framework.filters = []
  framework.suppressed.clear()
  for (const role of suppressedRoles) framework.suppressed.add(role)
  const written = solo.kept.note(framework)
  if (written === undefined) welcome(solo, framework, sink)
  else void written.then(() => { welcome(solo, framework, sink) })
}

/** It is written down: after a restart it is known by the id that it is told now. */
function welcome (solo: Solo, framework: Framework, sink: EventSink): void {
  if (solo.frameworks.get(framework.id) !== framework) { sendError(sink, 'Framework has been removed'); return }
  connect(solo, framework, sink)
  solo.agent().resend(framework.id)
  solo.allocator.allocate()
  if (sink.isClosed) disconnected(solo, sink.streamId)
}

/** The framework, or why it is not let in. */
function admit (solo: Solo, info: v1.FrameworkInfo, newId: () => string): Framework | string {
  const knownId = info.id?.value ?? ''
  if (knownId !== '') return readmit(solo.frameworks.get(knownId), info)
  const { maxFrameworks } = solo.settings
  if (solo.frameworks.size >= maxFrameworks) return `More than ${String(maxFrameworks)} frameworks are not supported`
  const framework = newFramework(newId(), info)
  solo.frameworks.set(framework.id, framework)
  return framework
}

function readmit (framework: Framework | undefined, { principal }: v1.FrameworkInfo): Framework | string {
  if (framework === undefined) return 'Framework has been removed'
  return updateFault(framework.info, { ...framework.info, principal }) ?? framework
}

function connect (solo: Solo, framework: Framework, sink: EventSink): void {
  const old = framework.sink
  framework.failover?.cancel()
  framework.failover = undefined
  framework.sink = sink
  if (old !== undefined) sendError(old, 'Framework failed over')
  solo.allocator.withdrawAll(framework.id)
  solo.log.info({ frameworkId: framework.id, name: framework.info.name, again: old !== undefined }, 'a framework subscribed')
  sink.send({
    type: 'SUBSCRIBED',
    subscribed: {
      framework_id: { value: framework.id },
      heartbeat_interval_seconds: solo.settings.heartbeatMs / 1000,
      master_info: masterInfo(solo),
    },
  })
  sink.send({ type: 'HEARTBEAT' })
}

/** A stream ended. If it was the framework's, its offers go to others, and its time to come back runs. */
export function disconnected (solo: Solo, streamId: string): void {
  const framework = [...solo.frameworks.values()].find(({ sink }) => sink?.streamId === streamId)
  if (framework === undefined) return
  const failoverMs = (framework.info.failover_timeout ?? 0) * 1000
  framework.sink = undefined
  solo.log.info({ frameworkId: framework.id, failoverMs }, 'a framework is disconnected')
  solo.allocator.withdrawAll(framework.id)
  if (failoverMs > 0) framework.failover = startLongTimer(failoverMs, () => { removeFramework(solo, framework, 'failover timeout') })
  else removeFramework(solo, framework, 'disconnected')
  if (failoverMs > 0) void solo.kept.note(framework, instant())
  solo.agent().resend(framework.id)       // for one that has left its tasks to the master; nobody else hears it
  solo.allocator.allocate()
}

/** Kills its tasks and forgets it. Their resources come back when the agent has seen each of them end. */
export function removeFramework (solo: Solo, framework: Framework, reason: string): void {
  const { sink } = framework
  framework.sink = undefined
  framework.failover?.cancel()
  solo.frameworks.delete(framework.id)
  solo.kept.forget(framework)
  solo.allocator.withdrawAll(framework.id)
  sink?.close()
  solo.log.info({ frameworkId: framework.id, tasks: framework.tasks.size, reason }, 'a framework was removed')
  solo.agent().removeFramework(framework.id)
}

export function teardown (solo: Solo, framework: Framework): void {
  removeFramework(solo, framework, 'teardown')
  solo.allocator.allocate()
}

function sendError (sink: EventSink, message: string): void {
  sink.send({ type: 'ERROR', error: { message } })
  sink.close()
}

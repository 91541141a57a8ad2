import { delay } from '../../../src/base/deadline.ts'
import type { Condition, Container } from './container.ts'
import { environmentIn } from './create.ts'
import type { Daemon } from './daemon.ts'
import { writeOutput } from './output.ts'
import { execFailure, firstCursor, stepsOf } from './program.ts'
import { startProgram } from './runner.ts'
import { Refusal } from './refusal.ts'
import { signalNumber } from './signals.ts'

/** Between the last byte of output and the state `exited`, as on the real engine: a list may still say `running` there. */
const exitMs = 5
const removeMs = 3
let lastPid = 1_000_000

/** True when it was started, false when it ran already. */
export async function start (daemon: Daemon, container: Container): Promise<boolean> {
  await container.settled
  if (container.state === 'running') return false
  if (container.state === 'removing') throw new Refusal(409, 'container is marked for removal and cannot be started')
  const failure = execFailure(container.argv)
  if (failure) {
    Object.assign(container, { exitCode: failure.exitCode, error: failure.message })
    for (const outlet of container.attached) outlet.end()
    daemon.onKept(container)
    throw new Refusal(400, failure.message)
  }
  const times = { startedMs: Date.now(), finishedMs: 0 }
  Object.assign(container, { state: 'running', exitCode: 0, error: '', pid: ++lastPid, ...times, cursor: firstCursor() })
  daemon.onKept(container)
  daemon.events.emit('start', container)
  run(daemon, container)
  return true
}

/** Lets the container's program go on from where it stands. */
export function run (daemon: Daemon, container: Container): void {
  const steps = stepsOf(container.argv, environmentIn(container)) ?? []
  const program = startProgram(steps, container.cursor, {
    write: (stream, data) => writeOutput(container, stream, data),
    onMove: () => { daemon.onKept(container) },
  })
  container.program = program
  void program.exitCode.then(code => { container.settled = exited(daemon, container, code) })
}

async function exited (daemon: Daemon, container: Container, exitCode: number): Promise<void> {
  container.program = undefined
  // Another process that takes it up from here finds it at its end.
  Object.assign(container.cursor, { at: Number.MAX_SAFE_INTEGER, lastCode: exitCode })
  daemon.onKept(container)
  for (const outlet of container.attached) outlet.end()
  container.log.finish()
  await delay(exitMs)
  Object.assign(container, { state: container.isRemoving ? 'removing' : 'exited', exitCode, pid: 0, finishedMs: Date.now() })
  daemon.onKept(container)
  daemon.events.emit('die', container, { exitCode: String(exitCode) })
  wake(container, 'not-running', 'next-exit')
  if (container.body.HostConfig?.AutoRemove === true) remove(daemon, container, { force: false, reference: container.id }).catch(() => {})
}

export async function kill (daemon: Daemon, container: Container, signal: string, reference: string): Promise<void> {
  const number = signalNumber(signal)
  if (number === undefined) throw new Refusal(400, `Invalid signal: ${signal}`)
  await container.settled
  if (container.state !== 'running') throw new Refusal(409, `Cannot kill container: ${reference}: Container ${container.id} is not running`)
  send(daemon, container, number)
}

function send (daemon: Daemon, container: Container, number: number): void {
  daemon.events.emit('kill', container, { signal: String(number) })
  container.program?.signal(number)
}

/** SIGTERM, the grace, SIGKILL. False when it did not run. */
export async function stop (daemon: Daemon, container: Container, graceMs: number): Promise<boolean> {
  await container.settled
  if (container.state !== 'running') return false
  const gone = wait(container, 'not-running')
  send(daemon, container, 15)
  await Promise.race([gone, delay(graceMs)])
  if (container.program !== undefined) send(daemon, container, 9)
  await gone
  daemon.events.emit('stop', container)
  return true
}

/** What the kernel does to a container over its memory limit. */
export function killForMemory (daemon: Daemon, container: Container): void {
  container.oomKilled = true
  daemon.events.emit('oom', container)
  container.program?.end(137)
}

interface Removal { readonly force: boolean, readonly reference: string }

export async function remove (daemon: Daemon, container: Container, { force, reference }: Removal): Promise<void> {
  if (container.isRemoving) throw new Refusal(409, `removal of container ${reference} is already in progress`)
  if (container.state === 'running' && !force) {
    const advice = 'Stop the container before attempting removal or force remove'
    throw new Refusal(409, `You cannot remove a running container ${container.id}. ${advice}`)
  }
  container.isRemoving = true
  if (container.state === 'running') {
    send(daemon, container, 9)
    await container.program?.exitCode
  }
  await container.settled
  container.state = 'removing'
  await delay(removeMs)
  daemon.containers.delete(container.id)
  daemon.onKept(container)
  daemon.events.emit('destroy', container)
  wake(container, 'not-running', 'next-exit', 'removed')
}

export function wait (container: Container, condition: Condition): Promise<void> {
  if (condition === 'not-running' && container.state !== 'running') return Promise.resolve()
  return new Promise(resolve => { container.waiters.add({ condition, resolve }) })
}

function wake (container: Container, ...conditions: Condition[]): void {
  for (const waiter of container.waiters) {
    if (!conditions.includes(waiter.condition)) continue
    container.waiters.delete(waiter)
    waiter.resolve()
  }
}

import { bootId } from '../base/boot-clock.ts'
import { startDeadline } from '../base/deadline.ts'
import { engineRun } from '../engine/engine-run.ts'
import type { Engine } from '../engine/port.ts'
import { AgentError } from '../model/errors.ts'
import type { Container } from './container.ts'

/** The status that an engine gives to a container whose own it does not know. A program may end with it as well. */
export const unknownStatus = 255
const askMs = 2_000

export interface End {
  readonly id: string
  readonly exitCode: number | undefined
  readonly startedAtMs?: number | undefined
  readonly finishedAtMs?: number | undefined
}

/**
 * Whether its status is not its own. An engine takes the status from containerd, which forgets it then, and writes it down up to some seconds later. Killed
 * in between, it leaves a container that runs as far as its record goes, and the next engine, which finds nothing of it, says that it has ended just
 * then, with 255. What really ended under that engine has an event.
 */
export async function hasLostStatus ({ id, exitCode, startedAtMs = 0, finishedAtMs = Infinity }: End, engine: Engine, socketPath: string): Promise<boolean> {
  if (exitCode !== unknownStatus) return false
  const run = engineRun(socketPath)
  if (run?.isSure !== true || startedAtMs >= run.beganAtMs || finishedAtMs < run.beganAtMs) return false
  using deadline = startDeadline(undefined, askMs, () => new AgentError('STAGE_TIMEOUT', 'the engine did not tell of its past'))
  return !await engine.hasDied(id, run.beganAtMs, deadline.signal).catch(() => false)
}

/** Why nobody knows how it ended, where it is known that nobody does. */
export function lostStatus (container: Pick<Container, 'bootId'>): AgentError {
  return rebootedUnder(container) ?? new AgentError('EXIT_STATUS_LOST', 'the engine died before it had written it down')
}

/** Undefined: the host has not been rebooted since it was launched. */
export function rebootedUnder (container: Pick<Container, 'bootId'>): AgentError | undefined {
  return container.bootId === bootId() ? undefined : new AgentError('HOST_REBOOTED', 'the host was rebooted while it ran')
}

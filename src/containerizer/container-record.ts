import { bootId as thisBoot } from '../base/boot-clock.ts'
import { AgentError } from '../model/errors.ts'
import type { State } from '../model/lifecycle.ts'
import type { ContainerRecord, Phase } from '../store/records.ts'
import { Container, type ContainerWatcher, type Termination } from './container.ts'
import type { StageRecord } from './timeline.ts'

const phaseOf: Readonly<Record<State, Phase>> = {
  queued: 'launching', launching: 'launching', running: 'running', stopping: 'stopping', exited: 'ended', failed: 'ended', gone: 'ended',
}

const stateOf: Readonly<Record<Phase, State>> = { launching: 'launching', running: 'running', stopping: 'stopping', ended: 'exited' }

/** A container as it is written down. */
export function toRecord (container: Container): ContainerRecord {
  const { spec, limits, updating, acceptedAtMs, bootId, engineId, logFiles, graceMs, stoppedAt, termination, timeline } = container
  return {
    phase: termination === undefined ? phaseOf[container.state] : 'ended',
    spec: { ...spec, environment: {}, uris: [] },
    limits, updating, acceptedAtMs, bootId, engineId, logFiles, graceMs, stoppedAt,
    stages: timeline.records,
    termination: termination && { ...termination, error: termination.error?.toWire() },
  }
}

/** A container that an earlier run of the agent wrote down. What has become of it since is for the engine to say. */
export function fromRecord (record: ContainerRecord, priority: number, watcher: ContainerWatcher): Container {
  const { phase, spec, acceptedAtMs, bootId = thisBoot(), engineId, logFiles, graceMs, stoppedAt, termination } = record
  const { tookUpdate, limits, updating } = settled(record)
  const past = { state: stateOf[phase], acceptedAtMs, bootId, stages: record.stages as StageRecord[], tookUpdate }
  const container = new Container(spec, priority, watcher, { past })
  Object.assign(container, { limits, updating, engineId, logFiles, graceMs, stoppedAt } satisfies Partial<Container>)
  if (termination !== undefined) container.end(toTermination(termination))
  return container
}

type WrittenLimits = Pick<ContainerRecord, 'limits' | 'updating'>

/** Of an update that was cut off, the side with more memory: that can be set whatever the container uses by now. It is the same after every restart. */
function settled ({ limits, updating }: WrittenLimits): WrittenLimits & { readonly tookUpdate: boolean } {
  const tookUpdate = updating !== undefined && updating.memBytes > limits.memBytes
  return tookUpdate ? { tookUpdate, limits: updating, updating: limits } : { tookUpdate, limits, updating }
}

function toTermination ({ exitCode, oomKilled, mayStillRun, error }: NonNullable<ContainerRecord['termination']>): Termination {
  return { exitCode, oomKilled, mayStillRun, error: error && AgentError.fromWire(error) }
}

import type { ContainerSpec } from '../../model/container-spec.ts'
import type { v1 } from '../../wire/messages.ts'
import { mesosDuration } from './mesos-duration.ts'

export interface ExecutorTimes {
  /** Between SHUTDOWN and the end of its container, unless the executor names its own. */
  readonly shutdownGraceMs: number
  /** How long an executor of a framework with checkpoints may be away. */
  readonly recoveryMs: number
  /** How long an executor that lost the agent waits at most before it tries again. */
  readonly reregistrationMs: number
}

export interface ExecutorPlace {
  readonly frameworkId: string
  readonly executorId: string
  readonly agentId: string
  /** Of the sandbox, on the host. */
  readonly directory: string
  readonly token: string
}

/** What every executor finds in its environment, as in Mesos; where the agent is comes later: that depends on the network. */
export function executorEnvironment (place: ExecutorPlace, info: v1.ExecutorInfo, checkpoint: boolean, times: ExecutorTimes): Record<string, string> {
  return {
    LIBPROCESS_PORT: '0',
    MESOS_FRAMEWORK_ID: place.frameworkId,
    MESOS_EXECUTOR_ID: place.executorId,
    MESOS_SLAVE_ID: place.agentId,
    MESOS_DIRECTORY: place.directory,
    MESOS_CHECKPOINT: checkpoint ? '1' : '0',
    MESOS_HTTP_COMMAND_EXECUTOR: '0',
    MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: mesosDuration(shutdownGraceMs(info, times)),
    ...(checkpoint && {
      MESOS_RECOVERY_TIMEOUT: mesosDuration(times.recoveryMs),
      MESOS_SUBSCRIPTION_BACKOFF_MAX: mesosDuration(times.reregistrationMs),
    }),
    MESOS_EXECUTOR_AUTHENTICATION_TOKEN: place.token,
  }
}

/** The agent's address as the executor sees it. On the host's network the older library binds to the agent's own. */
export function endpointEnvironment (ip: string, port: number, network: ContainerSpec['network']): Record<string, string> {
  const endpoint = `${ip.includes(':') ? `[${ip}]` : ip}:${port}`
  return {
    MESOS_AGENT_ENDPOINT: endpoint,
    MESOS_SLAVE_PID: `slave(1)@${endpoint}`,
    ...(network === 'host' && { LIBPROCESS_IP: ip }),
  }
}

export function shutdownGraceMs (info: v1.ExecutorInfo, times: ExecutorTimes): number {
  const nanoseconds = info.shutdown_grace_period?.nanoseconds
  if (nanoseconds === undefined) return times.shutdownGraceMs
  // A timer takes 31 bits of milliseconds.
  return Math.min(Math.max(0, Number(nanoseconds) / 1e6), 2 ** 31 - 1)
}

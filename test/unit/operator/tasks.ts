import type { Task } from '../../../src/agent/task.ts'
import { Container } from '../../../src/containerizer/container.ts'

/** A task that has just been accepted. */
export function taskOf (taskId = 't1', frameworkId = 'f1', containerId = 'c1'): Task {
  const spec = {
    containerId, name: `mesos-${containerId}`, image: 'app:3', forcePull: false, uris: [], command: { kind: 'image' as const }, environment: {},
    network: 'host' as const, cpus: 1, memBytes: 64 << 20,
    sandbox: { hostPath: `/srv/slipway/${containerId}`, containerPath: '/mnt/mesos/sandbox' }, labels: {}, graceMs: 5_000,
  }
  return {
    frameworkId, taskId, containerId, container: new Container(spec, 0, { moved () {}, stageMoved () {}, ended () {} }),
    tellsKilling: false, killedFor: undefined, hasOverrun: false, isUnhealthy: false, checkStatus: undefined,
    runningSince: undefined, health: undefined, isSilent: false, sequence: 0,
    info: { name: 'n', task_id: { value: taskId }, agent_id: { value: 'S0' } }, lastStatus: undefined, statuses: [], ip: undefined,
    framework: { id: { value: frameworkId }, name: 'fw', user: 'root' },
  }
}

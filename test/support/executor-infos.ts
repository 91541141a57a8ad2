import type { v1 } from '../../src/wire/messages.ts'
import type { TaskWish } from './test-framework.ts'

export function resources (cpus: number, mem: number): v1.Resource[] {
  return [{ name: 'cpus', type: 'SCALAR', scalar: { value: cpus } }, { name: 'mem', type: 'SCALAR', scalar: { value: mem } }]
}

/** An executor in a container that does nothing by itself: the test acts in its stead. */
export function executorInfo (id: string, more: Partial<v1.ExecutorInfo> = {}): v1.ExecutorInfo {
  return {
    type: 'CUSTOM', executor_id: { value: id }, name: id, command: { value: 'sleep 1000' },
    container: { type: 'DOCKER', docker: { image: 'busybox:latest', network: 'HOST' } }, resources: resources(0.1, 64), ...more,
  }
}

/** A task for an executor. */
export function taskOf (executor: v1.ExecutorInfo, id: string, more: Partial<v1.TaskInfo> = {}): TaskWish {
  return { id, info: { executor, command: undefined, container: undefined, resources: resources(0.1, 32), ...more } }
}

import type { v1 } from '../../../src/wire/messages.ts'
import { startSimEngine, type SimEngine } from '../sim-engine.ts'
import { startTestAgent, type TestAgent, type TestSettings } from '../test-agent.ts'
import { TestMaster, type TestMasterOptions } from './test-master.ts'

/** One agent on a simulated engine, registered with a master of the tests. */
export interface ClusterGround extends AsyncDisposable { readonly engine: SimEngine, readonly master: TestMaster, readonly agent: TestAgent }

export async function openCluster (settings: TestSettings = {}, options: TestMasterOptions = {}): Promise<ClusterGround> {
  const engine = await startSimEngine()
  const master = await TestMaster.start(options)
  const agent = await startTestAgent(engine.socket, clusterSettings(master, settings))
  await master.registered()
  return {
    engine, master, agent,
    async [Symbol.asyncDispose] () {
      master.acknowledges = true
      await agent[Symbol.asyncDispose]()
      await master[Symbol.asyncDispose]()
      await engine[Symbol.asyncDispose]()
    },
  }
}

export function clusterSettings ({ address }: { readonly address: string }, more: TestSettings = {}): TestSettings {
  return { master: address, registrationBackoffFactor: '50ms', ...more }
}

export const framework: v1.FrameworkInfo = {
  user: 'root', name: 'f', id: { value: 'f1' }, checkpoint: true, capabilities: [{ type: 'TASK_KILLING_STATE' }, { type: 'PARTITION_AWARE' }],
}

/** One that has not heard of states that are younger than it. */
export const olderFramework: v1.FrameworkInfo = { user: 'root', name: 'old', id: { value: 'f2' }, checkpoint: true }

export function clusterResources (cpus: number, mem: number): v1.Resource[] {
  const allocation = { allocation_info: { role: '*' } }
  return [
    { name: 'cpus', type: 'SCALAR', scalar: { value: cpus }, ...allocation }, { name: 'mem', type: 'SCALAR', scalar: { value: mem }, ...allocation },
  ]
}

export function shellTask (id: string, line: string, more: Partial<v1.TaskInfo> = {}): v1.TaskInfo {
  return {
    name: id, task_id: { value: id }, agent_id: { value: '' }, resources: clusterResources(0.01, 32),
    command: { value: line, shell: true }, container: { type: 'DOCKER', docker: { image: 'busybox', network: 'HOST' } }, ...more,
  }
}

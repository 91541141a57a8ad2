import { createSoloMaster, type SoloMaster } from '../../src/scheduler/solo/solo-master.ts'
import { add, type Quantities } from '../../src/model/resources.ts'
import { parseResources } from '../../src/model/resources-text.ts'
import { silentLog } from '../../src/base/log.ts'
import { startDoor, type Door } from '../../src/door/start-door.ts'
import { FakeAgent } from './fake-agent.ts'
import { SchedulerClient } from './scheduler-client.ts'
import type { SoloSettings } from '../../src/scheduler/solo/solo.ts'

export const testToken = 'a-token-for-tests'
export const masterId = 'df896d52-5470-4bf0-beb5-cd8912d01eab'
export const agentId = `${masterId}-S0`

export interface SoloDoor extends AsyncDisposable {
  readonly url: string
  readonly door: Door
  readonly agent: FakeAgent
  readonly master: SoloMaster
  client (): SchedulerClient
}

/** The embedded master behind a real door on loopback, with an agent that runs nothing. Disposing checks the accounts. */
export async function startSoloDoor (resources: string, settings: Partial<SoloSettings> = {}): Promise<SoloDoor> {
  const agent = new FakeAgent(agentId)
  const master = createSoloMaster({
    agent: () => agent,
    address: () => ({ ip: door.ip, port: door.port }),
    resources: parseResources(resources), masterId, hostname: '127.0.0.1', log: silentLog, settings,
  })
  agent.listener = master.listener
  const door = await startDoor({
    ip: '127.0.0.1', port: 0, token: testToken, openPaths: [], log: silentLog, routes: app => { master.routes(app) },
  })
  door.ready = true
  return {
    url: door.url, door, agent, master,
    client: () => new SchedulerClient(door.url, testToken),
    async [Symbol.asyncDispose] () {
      master.close()
      await door.close()
      assertBalanced(master)
    },
  }
}

/** free + offered + used = total */
export function assertBalanced (master: SoloMaster): void {
  const { total, free, offered, used } = master.accounts()
  const sum = add(add(free, offered), used)
  if (printed(sum) !== printed(total)) throw new Error(`the accounts do not balance: ${printed(sum)} of ${printed(total)}`)
}

function printed (all: Quantities): string {
  return JSON.stringify([...all].sort(([a], [b]) => a.localeCompare(b)))
}

/** A small task for the agent of these tests. */
export function task (id: string, more: object = {}): object {
  return {
    name: id,
    task_id: { value: id },
    agent_id: { value: agentId },
    resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value: 0.1 } }, { name: 'mem', type: 'SCALAR', scalar: { value: 32 } }],
    container: { type: 'DOCKER', docker: { image: 'busybox', network: 'HOST' } },
    command: { value: 'true' },
    ...more,
  }
}

export function launch (offerId: string, tasks: object[], refuseSeconds?: number): object {
  return {
    accept: {
      offer_ids: [{ value: offerId }],
      operations: [{ type: 'LAUNCH', launch: { task_infos: tasks } }],
      ...(refuseSeconds === undefined ? {} : { filters: { refuse_seconds: refuseSeconds } }),
    },
  }
}

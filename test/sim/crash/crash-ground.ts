import { readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { startOwnAgent, type OwnAgent } from '../../support/own-agent.ts'
import { startSimEngine, type SimEngine } from '../../support/sim-engine.ts'
import type { TestSettings } from '../../support/test-agent.ts'
import type { TestFramework } from '../../support/test-framework.ts'
import type { Point, Recorded } from './points.ts'

/** An engine, an agent that can be told where to die, and a framework. */
export interface CrashGround extends AsyncDisposable {
  readonly engine: SimEngine
  readonly agent: OwnAgent
  /** As it subscribed last. */
  readonly framework: TestFramework
  /** From now on the agent is watched; at the point, if one is given, it dies. */
  arm (point?: Point): Promise<void>
  /** It is not watched any more. What was seen since it was. */
  disarm (): Promise<Recorded>
  /** Starts the agent that has died; the framework comes back. */
  comeBack (): Promise<void>
  /** Nothing waits to be acknowledged. */
  isAcknowledged (): Promise<boolean>
}

const nowhere = { label: '', nth: 0, when: 'before' } as const

export async function startCrashGround (settings: TestSettings = {}): Promise<CrashGround> {
  const engine = await startSimEngine()
  const [plan, record] = [`${engine.socket}.plan`, `${engine.socket}.record`]
  const file = fileURLToPath(new URL('../../support/crash-agent.js', import.meta.url))
  const agent = await startOwnAgent(engine.socket, settings, { file, env: { CRASH_PLAN: plan, CRASH_RECORD: record } }).catch(async (error: unknown) => {
    await engine[Symbol.asyncDispose]()
    throw error
  })
  let framework = await agent.subscribe()
  let openBefore = 0
  const ground: CrashGround = {
    engine, agent,
    get framework () { return framework },
    async arm (point) {
      await engine.forgetCalls()
      openBefore = (await engine.calls()).length
      if (point !== undefined && 'call' in point) {
        await engine.fault(point.call, 'crash', { pid: agent.pid(), when: point.when, skip: point.nth - 1, times: 1 })
      }
      await writeFile(plan, JSON.stringify(point !== undefined && 'label' in point ? point : nowhere))
    },
    async disarm () {
      const commits = await readFile(record, 'utf8').catch(() => '')
      await rm(plan, { force: true })
      await engine.mend()
      await engine.release()
      return { calls: (await engine.calls()).slice(openBefore).map(({ call }) => call), commits: commits.split('\n').filter(line => line !== '') }
    },
    async comeBack () {
      await ground.disarm()
      await agent.start()
      framework = await agent.subscribe({ id: { value: framework.frameworkId } })
    },
    isAcknowledged: async () => await agent.metric('slipway_status_updates_pending') === 0,
    async [Symbol.asyncDispose] () {
      await agent[Symbol.asyncDispose]()
      await engine[Symbol.asyncDispose]()
    },
  }
  return ground
}

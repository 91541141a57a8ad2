import { readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { startOwnAgent, type OwnAgent } from '../../support/own-agent.ts'
import { startSimEngine, type SimEngine } from '../../support/sim-engine.ts'
import type { TestSettings } from '../../support/test-agent.ts'
import type { TestFramework } from '../../support/test-framework.ts'
import { LastingExecutors } from './lasting-executors.ts'
import type { Point, Recorded } from './points.ts'

/** An engine, an agent that can be told where to die, a framework, and executors in its containers. */
export interface CrashGround extends AsyncDisposable {
  readonly engine: SimEngine
  readonly agent: OwnAgent
  /** As it subscribed last. */
  readonly framework: TestFramework
  /** The same, each time that it subscribed. */
  readonly lives: readonly TestFramework[]
  readonly executors: LastingExecutors
  /** From now on the agent is watched, or the next one if there is none; at the point, if one is given, it dies. */
  arm (point?: Point): Promise<void>
  /** It is not watched any more. What was seen since it was. */
  disarm (): Promise<Recorded>
  /** The first launch to come does not go on once it is written down, until `disarm`. */
  holdLaunch (): Promise<void>
  /** Starts the agent that has died, and watches it if it was armed; the framework comes back. */
  rise (): Promise<void>
  /** The same, unwatched. */
  comeBack (): Promise<void>
  /** Nothing waits to be acknowledged. */
  isAcknowledged (): Promise<boolean>
}

const nowhere = { label: '', nth: 0, when: 'before' } as const
/** Executors are to outlive the agent. */
const frameworkInfo = { checkpoint: true }

export async function startCrashGround (settings: TestSettings = {}): Promise<CrashGround> {
  const engine = await startSimEngine()
  const { plan, record, hold } = filesBeside(engine)
  const agent = await startMortal(engine, settings)
  const lives = [await agent.subscribe(frameworkInfo)]
  const executors = new LastingExecutors(engine, agent.workDir)
  let [openBefore, rounds] = [0, 0]
  let armed: Point | undefined
  const aim = async (): Promise<void> => {
    if (armed === undefined || !('call' in armed)) return
    await engine.fault(armed.call, 'crash', { pid: agent.pid(), when: armed.when, skip: armed.nth - 1, times: 1 })
  }
  const ground: CrashGround = {
    engine, agent, executors, lives,
    get framework () { return lives.at(-1)! },
    async arm (point) {
      await engine.forgetCalls()
      openBefore = (await engine.calls()).length
      armed = point
      if (!agent.hasEnded()) await aim()
      await writeFile(plan, JSON.stringify({ round: ++rounds, ...point !== undefined && 'label' in point ? point : nowhere }))
    },
    async disarm () {
      armed = undefined
      const commits = await readFile(record, 'utf8').catch(() => '')
      const calls = (await engine.calls()).slice(openBefore).map(({ call }) => call)
      for (const path of [plan, record, hold]) await rm(path, { force: true })
      await engine.mend()
      await engine.release()
      return { calls, commits: commits.split('\n').filter(line => line !== '') }
    },
    holdLaunch: () => writeFile(hold, ''),
    async rise () {
      const started = agent.start()       // its process is there at once, and long before its first call
      await Promise.all([started, aim()])
      lives.push(await agent.subscribe({ ...frameworkInfo, id: { value: ground.framework.frameworkId } }))
    },
    async comeBack () {
      await ground.disarm()
      await ground.rise()
    },
    isAcknowledged: async () => await agent.metric('slipway_status_updates_pending') === 0,
    async [Symbol.asyncDispose] () {
      executors.close()
      await agent[Symbol.asyncDispose]()
      await engine[Symbol.asyncDispose]()
    },
  }
  return ground
}

/** What the agent is told, and tells, of its points: see crash-agent.ts. */
function filesBeside ({ socket }: SimEngine): Record<'plan' | 'record' | 'hold', string> {
  return { plan: `${socket}.plan`, record: `${socket}.record`, hold: `${socket}.hold` }
}

async function startMortal (engine: SimEngine, settings: TestSettings): Promise<OwnAgent> {
  const { plan, record, hold } = filesBeside(engine)
  const file = fileURLToPath(new URL('../../support/crash-agent.js', import.meta.url))
  try {
    return await startOwnAgent(engine.socket, settings, { file, env: { CRASH_PLAN: plan, CRASH_RECORD: record, CRASH_HOLD: hold } })
  } catch (error) {
    await engine[Symbol.asyncDispose]()
    throw error
  }
}

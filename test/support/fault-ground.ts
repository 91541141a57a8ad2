import { eventually } from './eventually.ts'
import { activeResources, moreThan, nothingLeft, type Counts } from './open-ends.ts'
import { startSimEngine, type SimEngine } from './sim-engine.ts'
import { startTestAgent, type TestAgent } from './test-agent.ts'
import type { TestFramework } from './test-framework.ts'

/** Deadlines short enough to be waited for, long enough for a busy machine. */
export const shortDeadlines = {
  createTimeout: '400ms', startTimeout: '400ms', attachTimeout: '1s', pullTimeout: '3s', pullStallTimeout: '1s', fetchTimeout: '3s', fetchStallTimeout: '1s',
  stopTimeout: '400ms', killTimeout: '400ms', removeTimeout: '400ms', dockerStopTimeout: '200ms', exitPollInterval: '100ms', launchTimeout: '8s',
} as const

/** One engine and one agent for a row of faults; after each, nothing may be left of it, and the agent must be as good as new. */
export interface FaultGround extends AsyncDisposable {
  readonly engine: SimEngine
  readonly agent: TestAgent
  readonly framework: TestFramework
  failures (stage: string, code: string): Promise<number>
  /** Ends the fault, runs a task that must succeed, and waits until nothing is left. */
  recover (): Promise<void>
}

export async function startFaultGround (settings: Readonly<Record<string, unknown>> = {}): Promise<FaultGround> {
  const engine = await startSimEngine()
  const bare = activeResources()
  const agent = await startTestAgent(engine.socket, { ...shortDeadlines, ...settings })
  const framework = await agent.subscribe()
  const works = async (): Promise<void> => {
    const { state, message } = await framework.run({ shell: 'true' })
    if (state !== 'TASK_FINISHED') throw new Error(`a healthy task is ${state}: ${message}`)
  }
  // The threads of an agent start with its first task: on a busy machine that takes longer than a short deadline.
  await eventually(works, { withinMs: 60_000, reason: 'a healthy task' })
  await nothingLeft(engine, agent, undefined)
  const usual = activeResources()
  return {
    engine, agent, framework,
    failures: (stage, code) => agent.metric(`slipway_stage_failures_total{stage="${stage}",code="${code}"}`),
    async recover () {
      await engine.mend()
      await engine.release()
      await works()
      await nothingLeft(engine, agent, usual)
    },
    async [Symbol.asyncDispose] () {
      await engine.mend()
      await engine.release()
      await agent[Symbol.asyncDispose]()
      await eventually(() => engine.idle(), { reason: 'that a stopped agent has no call open' })
      await stopped(bare)
      await engine[Symbol.asyncDispose]()
    },
  }
}

/** Nothing of a stopped agent keeps the process alive. What undici and the engine's agent keep for the next request is not referenced. */
async function stopped (bare: Counts): Promise<void> {
  await eventually(() => {
    const more = moreThan(bare)
    if (Object.keys(more).length > 0) throw new Error(`a stopped agent left ${JSON.stringify(more)}`)
  }, { withinMs: 12_000, reason: 'that a stopped agent leaves nothing' })
}

import { Cli } from './cli-process.ts'
import { eventually } from './eventually.ts'
import { startSimEngine, type SimEngine } from './sim-engine.ts'
import { startTestAgent, type TestAgent } from './test-agent.ts'

/** An agent on a simulated engine, and commands that go to it. */
export interface CliGround extends AsyncDisposable {
  readonly engine: SimEngine
  readonly agent: TestAgent
  readonly cli: Cli
  /** Waits until the engine has no container any more. */
  empty (): Promise<void>
}

/** An image whose pull takes a while, half a second for each of its five steps. */
export const slowImage = 'registry.test/slow:1'

export async function startCliGround (): Promise<CliGround> {
  const engine = await startSimEngine()
  await engine.addRemoteImage(slowImage, { layers: 1, bytes: 8_000_000, chunkMs: 500 })
  const agent = await startTestAgent(engine.socket)
  return {
    engine, agent,
    cli: new Cli({ SLIPWAY_MASTER: agent.url, SLIPWAY_TOKEN: agent.token }),
    async empty () {
      await eventually(async () => (await engine.containers()).length === 0, { withinMs: 20_000, reason: 'that no container is left' })
    },
    async [Symbol.asyncDispose] () {
      await agent[Symbol.asyncDispose]()
      await engine[Symbol.asyncDispose]()
    },
  }
}

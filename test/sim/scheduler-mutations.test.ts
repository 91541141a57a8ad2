import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { silentLog, type Log } from '../../src/base/log.ts'
import { mutate, mutation, type Mutation } from '../support/mutate-request.ts'
import { statusOf } from '../support/raw-http.ts'
import { asOfToday, recordedCalls } from '../support/recorded-calls.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent, type TestAgent } from '../support/test-agent.ts'
import type { TestFramework } from '../support/test-framework.ts'

const batches = 200
const perBatch = 50
const together = 8
const mostMb = 100

test('ten thousand mutated requests: every one is answered, none with a fault of ours, and the agent launches afterwards', async t => {
  const seed = Number(process.env['SLIPWAY_TEST_SEED'] ?? Date.now() % 2 ** 31)
  t.diagnostic(`seed ${seed}: ${batches} batches of ${perBatch}`)
  const faults: string[] = []
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, {}, listeningLog(faults))
  const attack = new Attack(agent)
  await attack.strike(recordedCalls().map((_, base) => ({ base, kind: 'none', at: [], value: null })))      // warm
  const before = heapMb()
  const batch = fc.array(mutation, { minLength: perBatch, maxLength: perBatch })
  await fc.assert(fc.asyncProperty(batch, all => attack.strike(all)), { numRuns: batches, seed, endOnFailure: true, includeErrorInReport: true })
  await attack.framework?.call('TEARDOWN')
  const after = heapMb()
  t.diagnostic(`answers: ${JSON.stringify(Object.fromEntries([...attack.answers].sort()))}`)
  t.diagnostic(`heap ${before.toFixed(1)} MB before, ${after.toFixed(1)} MB after; ${process.memoryUsage.rss() / 2 ** 20 | 0} MB resident`)
  const launched = (await engine.calls()).filter(({ call }) => call === 'create').length
  t.diagnostic(`${launched} containers were asked for`)
  assert.ok(launched > 10)
  assert.deepEqual(faults, [])
  assert.ok(after - before < mostMb, `the heap grew by ${(after - before).toFixed(1)} MB`)
  const framework = await agent.subscribe('afterwards')
  assert.equal((await framework.run({ shell: 'true' })).state, 'TASK_FINISHED')
})

/** Sends mutated calls in the name of a framework that is really there. */
class Attack {
  readonly answers = new Map<number, number>()
  readonly #agent: TestAgent
  readonly #calls = recordedCalls()
  framework: TestFramework | undefined
  #next: Promise<TestFramework> | undefined

  constructor (agent: TestAgent) { this.#agent = agent }

  async strike (mutations: readonly Mutation[]): Promise<void> {
    const waiting = [...mutations]
    const one = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await this.#send(next)
    }
    await Promise.all(Array.from({ length: together }, one))
  }

  async #send (change: Mutation): Promise<void> {
    const { frameworkId, streamId, offers } = await this.#victim()
    const offer = offers.at(-1)
    const today = { frameworkId, streamId, token: this.#agent.token, agentId: offer?.agent_id.value ?? 'none', offerId: offer?.id.value ?? 'none' }
    const { request, json } = asOfToday(this.#calls[change.base % this.#calls.length]!, today)
    const mutated = mutate(request, json, change)
    const status = await statusOf(this.#agent.url, mutated)
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1)
    assert.ok(status < 500 || status === 503, `${status} to ${JSON.stringify({ ...mutated, body: mutated.body.toString('latin1').slice(0, 2000) })}`)
  }

  /** Many a call ends it: then there is another one, for all who wait. */
  async #victim (): Promise<TestFramework> {
    if (this.framework?.isOver === false) return this.framework
    this.#next ??= this.#agent.subscribe('victim').finally(() => { this.#next = undefined })
    return this.framework = await this.#next
  }
}

/** Keeps what the agent thinks is its own fault. */
function listeningLog (faults: string[]): Log {
  const log: Log = { ...silentLog, error: (fields, message) => { faults.push(`${message} ${JSON.stringify(fields)}`) }, child: () => log }
  return log
}

function heapMb (): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed / 2 ** 20
}

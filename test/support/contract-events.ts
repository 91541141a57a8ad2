import assert from 'node:assert/strict'
import type { EngineEvent } from '../../src/engine/port.ts'
import { openBench, patience, type Bench, type Contract, type Subject } from './contract-bench.ts'
import { eventually } from './eventually.ts'

/** What holds of events. */
export const eventContract: Contract = {
  async 'the events of a container\'s end come in order and carry its labels' (subject) {
    const { engine } = subject()
    await using bench = await openBench(subject())
    const listening = new AbortController()
    const heard = listen(subject, bench, listening.signal)
    await hearing(subject, bench, heard)
    const id = await bench.create('exit 0')
    await engine.start(id, patience())
    await bench.inspected(id, ({ status }) => status === 'exited')
    await engine.remove(id, patience())
    const mine = (): EngineEvent[] => heard.filter(event => event.id === id)
    await eventually(() => mine().at(-1)?.action === 'destroy', { reason: 'the event of the removal' })
    listening.abort()
    assert.deepEqual(mine().map(({ action }) => action), ['die', 'destroy'])
    for (const { labels } of mine()) assert.ok(bench.label.endsWith(`=${labels['slipway.agent']}`))
  },

  async 'the end of a container is remembered, and since when is asked for' (subject) {
    const { engine } = subject()
    await using bench = await openBench(subject())
    const beforeMs = Date.now() - 1
    const [id, other] = [await bench.create('exit 0'), await bench.create('exit 0')]
    await engine.start(id, patience())
    await bench.inspected(id, ({ status }) => status === 'exited')
    assert.equal(await engine.hasDied(id, beforeMs, patience()), true)
    assert.equal(await engine.hasDied(other, beforeMs, patience()), false)
    assert.equal(await engine.hasDied(id, Date.now() + 1, patience()), false)
  },

  async 'events of other labels are not heard' (subject) {
    await using mine = await openBench(subject())
    await using others = await openBench(subject())
    const listening = new AbortController()
    const heard = listen(subject, mine, listening.signal)
    await hearing(subject, mine, heard)
    const stranger = await others.create('exit 0')
    await subject().engine.remove(stranger, patience())
    await hearing(subject, mine, heard)
    listening.abort()
    assert.equal(heard.some(({ id }) => id === stranger), false)
  },

  async 'listening ends when the signal aborts' (subject) {
    await using bench = await openBench(subject())
    const listening = new AbortController()
    const reason = new Error('enough')
    const ended = drain(subject().engine.events(bench.label, listening.signal), []).catch((error: unknown) => error)
    listening.abort(reason)
    assert.ok([undefined, reason].includes(await ended as Error | undefined))
  },
}

function listen (subject: Subject, bench: Bench, signal: AbortSignal): EngineEvent[] {
  const heard: EngineEvent[] = []
  drain(subject().engine.events(bench.label, signal), heard).catch(() => {})
  return heard
}

async function drain (events: AsyncIterable<EngineEvent>, into: EngineEvent[]): Promise<void> {
  for await (const event of events) into.push(event)
}

/** Makes containers until one of them is heard: the stream takes a moment to begin. */
async function hearing (subject: Subject, bench: Bench, heard: readonly EngineEvent[]): Promise<void> {
  const before = heard.length
  await eventually(async () => {
    const id = await bench.create('exit 0')
    await subject().engine.remove(id, patience())
    return heard.length > before
  }, { everyMs: 100, reason: 'the first event' })
}

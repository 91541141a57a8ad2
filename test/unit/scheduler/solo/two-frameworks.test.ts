import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { silentLog } from '../../../../src/base/log.ts'
import { add, isEmpty, subtract, type Quantities } from '../../../../src/model/resources.ts'
import { parseResources, printResources } from '../../../../src/model/resources-text.ts'
import { assembleSolo } from '../../../../src/scheduler/solo/solo-master.ts'
import { onReleased, onUpdate } from '../../../../src/scheduler/solo/updates.ts'
import { fromResources } from '../../../../src/scheduler/solo/wire-resources.ts'
import type { Solo } from '../../../../src/scheduler/solo/solo.ts'
import { agentId, masterId } from '../../../support/solo-door.ts'
import { ModelFramework, moves, type Move } from './model-framework.ts'
import { ModelHost } from './model-host.ts'

const hourMs = 3_600_000
const steps = 300
const runs = 200

const move = fc.oneof(...Object.entries(moves).map(([move, weight]) => ({ weight, arbitrary: fc.constant(move as Move) })))
const step = fc.record({
  who: fc.nat(1), move, pick: fc.nat(999), progress: fc.array(fc.nat(99), { maxLength: 3 }),
  // Twelve seconds on average: the hour, in three hundred steps.
  waitMs: fc.oneof(fc.nat(2000), fc.nat(22_000), fc.constant(0), fc.constant(31_000)),
})

test('two frameworks for an hour of virtual time: accounts exact, no offer overlaps, no update lost', t => {
  const seed = Number(process.env['SLIPWAY_TEST_SEED'] ?? Date.now() % 2 ** 31)
  const seen = { launches: 0, offers: 0, updates: 0, rescinds: 0, refused: 0 }
  t.diagnostic(`seed ${seed}: ${runs} runs of an hour, ${steps} steps each`)
  fc.assert(fc.property(fc.array(step, { minLength: steps, maxLength: steps }), all => {
    using hour = new Hour(t)
    for (const { who, move, pick, progress, waitMs } of all) {
      for (const task of progress) hour.host.progress(task)
      hour.frameworks[who]?.do(move, pick)
      hour.check()
      hour.pass(waitMs)
      hour.check()
    }
    hour.pass(Math.max(0, hourMs - hour.passedMs))
    hour.settle()
    seen.launches += hour.launches
    for (const framework of hour.frameworks) for (const [what, count] of Object.entries(framework.seen)) seen[what as keyof typeof seen] += count
  }), { numRuns: runs, seed })
  t.diagnostic(JSON.stringify(seen))
  for (const [what, count] of Object.entries(seen)) assert.ok(count > runs, `${what}: ${count}`)
})

/** A master, its host and two frameworks, in a time of their own. */
class Hour {
  readonly host = new ModelHost(agentId)
  readonly solo: Solo
  readonly frameworks: readonly ModelFramework[]
  readonly #timers: TestContext['mock']['timers']
  readonly #startMs: number
  launches = 0

  constructor ({ mock: { timers } }: TestContext) {
    this.#timers = timers
    timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: 1e12 })
    this.#startMs = Date.now()
    this.solo = assembleSolo({
      agent: () => this.host, address: () => ({ ip: '127.0.0.1', port: 1 }),
      resources: parseResources('cpus:2;mem:320;ports:[1-10]'), masterId, hostname: 'h', log: silentLog,
    })
    this.host.listener = {
      update: (frameworkId, status) => { onUpdate(this.solo, frameworkId, status) },
      resize () {}, message () {}, executorEnded () {}, executorReleased () {},
      released: (frameworkId, taskId) => { onReleased(this.solo, frameworkId, taskId); this.launches++ },
    }
    this.frameworks = [new ModelFramework(this.solo), new ModelFramework(this.solo)]
  }

  get passedMs (): number { return Date.now() - this.#startMs }

  pass (ms: number): void { this.#timers.tick(ms) }

  /** What the frameworks hold, by their own word, and what tasks use, all fit into what there is, side by side. */
  check (): void {
    const { total, free, offered, used, offers } = this.solo.ledger
    assert.equal(sorted(add(add(free, offered), used)), sorted(total))
    const held = this.frameworks.flatMap(framework => [...framework.offers.values()])
    assert.deepEqual(held.map(({ id }) => id.value).sort(), [...offers.keys()].sort())
    const parts = [used, ...held.map(offer => fromResources(offer.resources ?? []))]
    assert.equal(sorted(parts.reduce(subtract, total)), sorted(free))
  }

  /** Everybody is there and answers, every task ends: then nothing is used and nobody waits for a word. */
  settle (): void {
    for (const framework of this.frameworks) if (!framework.isConnected) framework.subscribe(1)
    for (let round = 0; round < 2000 && (this.host.runs > 0 || this.host.pendingUpdates > 0); round++) {
      this.host.progress(round)
      for (const framework of this.frameworks) framework.acknowledgeAll()
    }
    this.pass(1000)
    this.check()
    assert.ok(isEmpty(this.solo.ledger.used), printResources(this.solo.ledger.used))
    assert.equal(this.host.pendingUpdates, 0)
    for (const [key, uuids] of this.host.told) {
      const [frameworkId, taskId] = key.split('\n') as [string, string]
      assert.deepEqual(this.frameworks.find(({ id }) => id === frameworkId)?.heard.get(taskId), uuids, `updates of ${taskId}`)
    }
    for (const { unanswered } of this.frameworks) assert.deepEqual([...unanswered], [])
    for (const { tasks } of this.solo.frameworks.values()) assert.equal(tasks.size, 0)
  }

  [Symbol.dispose] (): void {
    this.solo.allocator.close()
    this.#timers.reset()
  }
}

function sorted (all: Quantities): string {
  return printResources(new Map([...all].sort(([a], [b]) => a.localeCompare(b))))
}

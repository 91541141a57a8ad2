import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { acts } from '../../../../src/scheduler/solo/calls.ts'
import { add, isEmpty } from '../../../../src/model/resources.ts'
import { assembleSolo } from '../../../../src/scheduler/solo/solo-master.ts'
import { disconnected, subscribe } from '../../../../src/scheduler/solo/membership.ts'
import { onReleased } from '../../../../src/scheduler/solo/updates.ts'
import { parseResources, printResources } from '../../../../src/model/resources-text.ts'
import { silentLog } from '../../../../src/base/log.ts'
import { agentId, launch, masterId, task } from '../../../support/solo-door.ts'
import { FakeAgent } from '../../../support/fake-agent.ts'
import type { scheduler, v1 } from '../../../../src/wire/messages.ts'
import type { Solo } from '../../../../src/scheduler/solo/solo.ts'

const moves = [
  'ACCEPT', 'ACCEPT', 'ACCEPT', 'DECLINE', 'REVIVE', 'SUPPRESS', 'TEARDOWN', 'drop', 'subscribe', 'again', 'release', 'release',
] as const
type Move = typeof moves[number]

/** Frameworks without a door: what is done to them is done at once. */
class Play {
  readonly agent = new FakeAgent(agentId)
  readonly released: [string, string][] = []
  readonly solo: Solo
  #count = 0

  constructor () {
    this.solo = assembleSolo({
      agent: () => this.agent, address: () => ({ ip: '127.0.0.1', port: 1 }),
      resources: parseResources('cpus:1;mem:320;ports:[1-10]'), masterId, hostname: 'h', log: silentLog,
    })
  }

  subscribe (failoverTimeout: number, id?: string): void {
    const info: v1.FrameworkInfo = { user: 'u', name: 'n', failover_timeout: failoverTimeout }
    if (id !== undefined) info.id = { value: id }
    const streamId = `s${String(this.#count)}`
    const sink = { streamId, send: () => {}, close: () => {} }
    subscribe(this.solo, { framework_info: info }, () => `f${String(this.#count)}`, sink)
    this.#count++
  }

  do (type: Move, pick: number, cpus: number): void {
    const framework = [...this.solo.frameworks.values()].at(pick % Math.max(1, this.solo.frameworks.size))
    if (type === 'subscribe') this.subscribe(pick % 2)
    else if (type === 'release') this.#release(pick)
    else if (framework === undefined) return
    else if (type === 'again') this.subscribe(pick % 2, framework.id)
    else if (type === 'drop') disconnected(this.solo, framework.sink?.streamId ?? '')
    else void acts[type](this.solo, framework, this.#call(type, pick, cpus))
  }

  #call (type: scheduler.Call_Type, pick: number, cpus: number): scheduler.Call {
    const offerIds = [...this.solo.ledger.offers.keys()].slice(0, 1 + pick % 2).map(value => ({ value }))
    const resources = [{ name: 'cpus', type: 'SCALAR', scalar: { value: cpus } }]
    const tasks = [task(`t${String(pick)}`, { resources }), task(`u${String(pick)}`)]
    const { accept } = launch('one of these', tasks) as scheduler.Call
    const filters = { refuse_seconds: pick % 3 }
    return { type, accept: { ...accept, offer_ids: offerIds, filters }, decline: { offer_ids: offerIds, filters } }
  }

  #release (pick: number): void {
    const launched = [...this.agent.tasks.entries()].at(pick % Math.max(1, this.agent.tasks.size))
    if (launched === undefined) return
    this.agent.tasks.delete(launched[0])
    onReleased(this.solo, launched[1].framework.id?.value ?? '', launched[0])
  }

  [Symbol.dispose] (): void {
    this.solo.allocator.close()
    for (const { failover } of this.solo.frameworks.values()) failover?.cancel()
  }
}

const step = fc.tuple(
  fc.constantFrom(...moves),
  fc.nat(7), fc.integer({ min: 0, max: 600 }).map(thousandths => thousandths / 1000),
)

test('whatever frameworks do, nothing is lost, doubled or offered twice', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), steps => {
    using play = new Play()
    for (const [type, pick, cpus] of steps) {
      play.do(type, pick, cpus)
      const { total, free, offered, used } = play.solo.ledger
      assert.equal(sorted(add(add(free, offered), used)), sorted(total))
      for (const offer of play.solo.ledger.offers.values()) {
        assert.ok(play.solo.frameworks.get(offer.frameworkId)?.sink, 'an offer belongs to a framework that is there')
        assert.ok(!isEmpty(offer.resources))
      }
    }
  }), { numRuns: 300 })
})

function sorted (all: ReturnType<typeof parseResources>): string {
  return printResources(new Map([...all].sort(([a], [b]) => a.localeCompare(b))))
}

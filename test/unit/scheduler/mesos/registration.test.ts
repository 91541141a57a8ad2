import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import { Registry } from 'prom-client'
import { silentLog } from '../../../../src/base/log.ts'
import type { Leader } from '../../../../src/detection/detector.ts'
import { MasterLink } from '../../../../src/scheduler/mesos/master-link.ts'
import { mesosMetrics } from '../../../../src/scheduler/mesos/metrics.ts'
import { Registration, type RegistrationOptions } from '../../../../src/scheduler/mesos/registration.ts'

const leader: Leader = { ip: '127.0.0.1', port: 1, pid: 'master@127.0.0.1:1' }

beforeEach(() => { mock.timers.enable({ apis: ['setTimeout'] }) })
afterEach(() => { mock.timers.reset() })

interface Ground { registration: Registration, asked: number[], passes (ms: number): Promise<void> }

function ground (options: Partial<RegistrationOptions> = {}): Ground {
  let now = 0
  const asked: number[] = []
  const link = new MasterLink({ self: () => ({ id: 'slave(1)', ip: '127.0.0.1', port: 2 }), onLost: () => {} })
  const registration = new Registration({
    link, ask: () => { asked.push(now) }, backoffMs: 1_000, metrics: mesosMetrics(new Registry()), log: silentLog,
    random: () => 0.5, ...options,
  })
  return {
    registration, asked,
    async passes (ms) {
      for (const end = now + ms; now < end;) {
        now += 100
        mock.timers.tick(100)
        for (let turn = 0; turn < 5; turn++) await Promise.resolve()
      }
    },
  }
}

test('a master that does not answer is asked again, with growing waits, also when its connection is refused each time', async () => {
  const { registration, asked, passes } = ground({ ask: () => { registration.lost(); asked.push(0) } })
  registration.turnTo(leader)
  await passes(120_000)
  assert.ok(asked.length >= 5 && asked.length <= 9, String(asked.length))
  registration.close()
  await passes(120_000)
  assert.ok(asked.length <= 9)
})

test('one that has answered is asked again when its pings stay away, or its connection ends', async () => {
  const { registration, asked, passes } = ground()
  registration.turnTo(leader)
  await passes(1_000)
  assert.equal(asked.length, 1)
  registration.succeeded(10)
  await passes(9_000)
  assert.equal(asked.length, 1)
  await passes(2_100)
  assert.equal(asked.length, 2)
  registration.succeeded(10)
  registration.lost()
  assert.equal(registration.isRegistered, false)
  await passes(1_000)
  assert.equal(asked.length, 3)
  registration.close()
})

test('who has to log in does so with each master anew, and again when the connection has ended', async () => {
  const logins: string[] = []
  const { registration, asked, passes } = ground({ prepare: async ({ pid }) => { logins.push(pid) } })
  registration.turnTo(leader)
  await passes(1_100)
  registration.succeeded(undefined)
  registration.lost()
  await passes(1_100)
  const next = { ...leader, port: 3, pid: 'master@127.0.0.1:3' }
  registration.turnTo(next)
  await passes(1_100)
  assert.deepEqual(logins, [leader.pid, leader.pid, next.pid])
  assert.equal(asked.length, 3)
  registration.close()
})

test('without a leader nobody is asked', async () => {
  const { registration, asked, passes } = ground()
  registration.turnTo(leader)
  registration.turnTo(undefined)
  await passes(100_000)
  assert.deepEqual(asked, [])
})

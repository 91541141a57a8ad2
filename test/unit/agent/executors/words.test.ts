import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mesosDuration } from '../../../../src/agent/executors/mesos-duration.ts'
import { waitStatus } from '../../../../src/agent/executors/executor-words.ts'
import { holdTask, takeIn } from '../../../../src/agent/executors/held-task.ts'
import type { Executor } from '../../../../src/agent/executors/executor.ts'
import { gatewayIn } from '../../../../src/engine/gateway.ts'
import { taskInfo } from '../task-infos.ts'

test('durations are written as Mesos reads them, exactly', () => {
  const day = 86_400_000
  assert.deepEqual([0, 300, 5_000, 90_000, 900_000, 7_200_000, day, 14 * day].map(mesosDuration),
    ['0ms', '300ms', '5secs', '90secs', '15mins', '2hrs', '1days', '2weeks'])
})

test('the status of an executor\'s end is that of wait', () => {
  const ended = { oomKilled: false, error: undefined, mayStillRun: false }
  assert.deepEqual([0, 3, 137, undefined].map(exitCode => waitStatus({ ...ended, exitCode })), [0, 768, 35_072, -1])
})

test('a repeat of an update is known for one, and what is remembered is bounded', () => {
  const held = holdTask({ info: {}, container: {} } as Executor, taskInfo())
  const uuid = (n: number): Buffer => Buffer.alloc(16, n)
  assert.deepEqual([takeIn(held, uuid(1)), takeIn(held, uuid(1)), takeIn(held, uuid(2))], [true, false, true])
  for (let n = 0; n < 1000; n++) takeIn(held, Buffer.from(`${n}`))
  assert.ok(held.heard.size <= 256)
})

test('the gateway is the IPv4 one, without its mask', () => {
  const network = (...gateways: Array<string | undefined>): Parameters<typeof gatewayIn>[0] =>
    ({ IPAM: { Config: gateways.map(gateway => ({ ...(gateway !== undefined && { Gateway: gateway }) })) } })
  assert.equal(gatewayIn(network('fd00::1', '172.17.0.1/16')), '172.17.0.1')
  assert.equal(gatewayIn(network('fd00::1')), 'fd00::1')
  assert.deepEqual([undefined, {}, { IPAM: { Config: null } }, network(undefined), network('')].map(gatewayIn), Array(5).fill(undefined))
})

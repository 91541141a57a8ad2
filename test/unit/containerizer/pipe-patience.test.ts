import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AgentError } from '../../../src/model/errors.ts'
import { PipePatience } from '../../../src/containerizer/pipe-patience.ts'

const damagedAt = (stdout: number): AgentError =>
  new AgentError('ENGINE_LOG_DAMAGED', 'Error grabbing logs: unexpected EOF', { call: 'logs', stdout, stderr: 0 })
const workerLost = new AgentError('WORKER_DIED', 'the worker ended')
const refused = (call: string, status: number): AgentError => new AgentError('ENGINE_REFUSED', 'no', { call, status })
const [short, long] = [100, 60_000]

test('a log that the engine stumbles over is read again; the third time at the same place the pipe goes on without it', () => {
  const patience = new PipePatience()
  assert.equal(patience.lastResort(damagedAt(100), short), undefined)
  assert.equal(patience.lastResort(damagedAt(100), short), undefined)
  assert.deepEqual(patience.lastResort(damagedAt(100), long), { why: 'the engine cannot read its log: output may be missing', goesOn: true })
  assert.equal(patience.lastResort(damagedAt(100), short), undefined)
})

test('as long as each reading comes further it goes on', () => {
  const patience = new PipePatience()
  for (let at = 0; at < 10; at++) assert.equal(patience.lastResort(damagedAt(at), short), undefined)
  assert.equal(patience.lastResort(damagedAt(5), short), undefined)
  assert.notEqual(patience.lastResort(damagedAt(9), short), undefined)
})

test('a pipe that lived for long did not end its worker each time', () => {
  const patience = new PipePatience()
  for (let times = 0; times < 10; times++) assert.equal(patience.lastResort(workerLost, long), undefined)
})

test('a pipe that ends worker after worker is given up, and so is one whose container is gone', () => {
  const patience = new PipePatience()
  for (let times = 0; times < 3; times++) assert.equal(patience.lastResort(workerLost, short), undefined)
  assert.deepEqual(patience.lastResort(workerLost, short), { why: 'the log pipe was given up: output may be missing', goesOn: false })
  assert.equal(new PipePatience().lastResort(refused('logs', 404), short)?.why, 'the container was removed: output may be missing')
})

test('nothing is missing of a container that is gone, if its pipe had ended in order', () => {
  const patience = new PipePatience()
  patience.endedInOrder()
  assert.deepEqual(patience.lastResort(refused('logs', 409), short), { why: undefined, goesOn: false })
})

test('an engine that refuses for a while is asked again, after longer and longer waits', () => {
  const patience = new PipePatience()
  const waits = Array.from({ length: 10 }, () => {
    assert.equal(patience.lastResort(refused('logs', 500), short), undefined)
    assert.equal(patience.lastResort(refused('attach', 409), short), undefined)
    return patience.waitMs()
  })
  assert.ok(waits.every(ms => ms >= 80 && ms <= 6_000))
  assert.ok(waits.slice(-2).every(ms => ms >= 4_000))
})

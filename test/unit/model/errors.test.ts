import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AgentError, chain, errorCodes, messageOf, type ErrorCode } from '../../../src/model/errors.ts'

const codes = Object.keys(errorCodes) as ErrorCode[]

test('the table of codes is sorted, and each row helps', () => {
  assert.deepEqual(codes, [...codes].sort())
  for (const code of codes) {
    assert.match(code, /^[A-Z]+(_[A-Z]+)*$/)
    assert.match(errorCodes[code].help, /^[A-Z].{20,}\.$/, code)
  }
})

test('an error knows its row', () => {
  const error = new AgentError('QUEUE_FULL', 'full')
  assert.equal(error.retry, true)
  assert.equal(error.help, errorCodes.QUEUE_FULL.help)
})

test('wrap keeps code and detail of an AgentError and adds what is known here', () => {
  const inner = new AgentError('DENIED', 'no credentials', { call: 'pull', stage: 'none' })
  const outer = AgentError.wrap(inner, 'pull failed', { stage: 'pull', containerId: 'c1' }, 'ENGINE_DOWN')
  assert.equal(outer.code, 'DENIED')
  assert.deepEqual(outer.detail, { call: 'pull', stage: 'pull', containerId: 'c1' })
  assert.equal(outer.cause, inner)
})

test('wrap gives a foreign error the code that is asked for, INTERNAL otherwise', () => {
  assert.equal(AgentError.wrap(new TypeError('oops'), 'it failed').code, 'INTERNAL')
  assert.equal(AgentError.wrap('a text', 'it failed', {}, 'ENGINE_DOWN').code, 'ENGINE_DOWN')
})

test('from leaves an AgentError as it is, and takes a foreign one\'s message', () => {
  const known = new AgentError('LOCKED', 'taken')
  assert.equal(AgentError.from(known), known)
  const foreign = AgentError.from(new RangeError('too deep'))
  assert.equal(foreign.code, 'INTERNAL')
  assert.equal(chain(foreign), 'too deep')
  assert.equal(messageOf('text'), 'text')
})

test('chain tells the whole story once, outermost first', () => {
  const story = AgentError.wrap(AgentError.wrap(new Error('no route'), 'no route'), 'pull of app:3 failed')
  assert.equal(chain(story), 'pull of app:3 failed: no route')
  assert.equal(chain('a text'), 'a text')
})

test('chain ends, even where an error is its own cause', () => {
  const loop = new Error('a')
  loop.cause = new Error('b', { cause: loop })
  assert.ok(chain(loop).length < 50)
})

test('an error crosses a thread boundary as data and comes back the same', () => {
  const error = AgentError.wrap(new AgentError('DISK_FULL', 'no space', { free: 0 }), 'create failed', { stage: 'create', isFirst: true })
  const back = AgentError.fromWire(structuredClone(error.toWire()))
  assert.ok(back instanceof AgentError && back.cause instanceof AgentError)
  assert.equal(chain(back), chain(error))
  assert.deepEqual([back.code, back.detail, back.retry], [error.code, error.detail, error.retry])
  assert.deepEqual([back.cause.code, back.cause.detail], ['DISK_FULL', { free: 0 }])
})

test('what foreign causes say survives the crossing', () => {
  const foreign = Object.assign(new Error('connect ECONNREFUSED', { cause: new Error('no listener') }), { socket: () => {} })
  const error = AgentError.wrap(AgentError.wrap(foreign, 'the engine is down', {}, 'ENGINE_DOWN'), 'start failed')
  const wire = structuredClone(error.toWire())
  assert.equal(chain(AgentError.fromWire(wire)), 'start failed: the engine is down: connect ECONNREFUSED: no listener')
})

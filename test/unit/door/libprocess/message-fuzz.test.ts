import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { silentLog } from '../../../../src/base/log.ts'
import { frame } from '../../../../src/door/libprocess/frame.ts'
import { messageRoutes } from '../../../../src/door/libprocess/message-routes.ts'
import { parseUpid, senderOf, upidText } from '../../../../src/door/libprocess/upid.ts'
import { startDoor } from '../../../../src/door/start-door.ts'
import { decodeProtobuf, encodeProtobuf } from '../../../../src/wire/protobuf.ts'
import { AgentError } from '../../../../src/model/errors.ts'
import { eventually } from '../../../support/eventually.ts'
import { bodyBytes, recordedScenario, recordedWire, typeOf } from '../../wire/recorded-wire.ts'

const from = { id: 'executor(1)', ip: '127.0.0.1', port: 44_559 }
const to = { id: 'slave(1)', ip: '127.0.0.1', port: 1 }
const recorded = recordedScenario('wire-executor-v0', 'b_host_exit0.jsonl').filter(({ direction }) => direction === 'executor->agent')
const frames = recorded.map(line => frame({ name: line.message, body: bodyBytes(line) }, { from, to }))

interface Change { at: number, cut: number, put: Uint8Array }

const changes = fc.array(fc.record<Change>({ at: fc.nat(9_000), cut: fc.nat(40), put: fc.uint8Array({ maxLength: 40 }) }), { minLength: 1, maxLength: 4 })

function mutate (bytes: Uint8Array, all: readonly Change[]): Buffer {
  let changed = Buffer.from(bytes)
  for (const { at, cut, put } of all) {
    const start = at % (changed.length + 1)
    changed = Buffer.concat([changed.subarray(0, start), put, changed.subarray(start + cut)])
  }
  return changed
}

test('whatever bytes come instead of a message, the door goes on', async () => {
  let taken = 0
  const names = recorded.slice(0, 2).map(({ message }) => message)
  const door = await startDoor({
    ip: '127.0.0.1', port: 0, token: 'secret', openPaths: [], log: silentLog,
    routes: app => { messageRoutes(app, { process: 'slave(1)', names, admit: () => 'known', take: () => { taken++ } }) },
  })
  await using _closed = { [Symbol.asyncDispose]: () => door.close() }
  door.ready = true
  await fc.assert(fc.asyncProperty(fc.constantFrom(...frames.slice(0, 2)), changes, async (bytes, all) => {
    const socket = connect({ host: '127.0.0.1', port: door.port })
    socket.on('error', () => {})
    socket.resume()
    socket.end(mutate(bytes, all))
    if (!socket.closed) await once(socket, 'close')
  }), { numRuns: 300 })
  const before = taken
  const socket = connect({ host: '127.0.0.1', port: door.port })
  socket.write(frames[0]!)
  await eventually(() => taken === before + 1)
  socket.destroy()
})

test('whatever a body is made of, it is a message or refused as one', () => {
  const lines = [...recordedWire('wire'), ...recordedWire('wire-executor-v0')].map(([, line]) => line)
  const kinds = [...new Map(lines.map(line => [line.message, line])).values()]
  fc.assert(fc.property(fc.constantFrom(...kinds), changes, (line, all) => {
    try {
      const type = typeOf(line)
      encodeProtobuf(type, decodeProtobuf(type, mutate(bodyBytes(line), all)))
    } catch (error) {
      assert.ok(error instanceof AgentError && error.code === 'SPEC_INVALID', String(error))
    }
  }), { numRuns: 3_000 })
})

test('whatever a header says, a sender is one that can be written in a header again, or none', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.string().map(text => `libprocess/${text}@127.0.0.1:5051`)), text => {
    const sender = senderOf({ 'user-agent': text }) ?? senderOf({ 'libprocess-from': text })
    if (sender === undefined) return
    assert.match(upidText(sender), /^[\w.()@:[\]-]+$/)
    assert.deepEqual(parseUpid(upidText(sender)), sender)
  }), { numRuns: 2_000 })
})

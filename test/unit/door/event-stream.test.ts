import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { deferred } from '../../../src/base/deferred.ts'
import { openEventStream, type EventStream, type StreamEnd } from '../../../src/door/event-stream.ts'
import { silentLog } from '../../../src/base/log.ts'
import { startDoor } from '../../../src/door/start-door.ts'
import { eventually } from '../../support/eventually.ts'

interface Opened extends AsyncDisposable { stream: EventStream, socket: Socket, ended: Promise<StreamEnd>, text (): string }

/** A stream with a plain socket at its other end, which reads only when it is told to. */
async function open (maxBufferedBytes?: number): Promise<Opened> {
  const stream = deferred<EventStream>()
  const ended = deferred<StreamEnd>()
  const door = await startDoor({
    ip: '127.0.0.1', port: 0, token: undefined, openPaths: [], log: silentLog,
    routes: app => {
      app.get('/events', (_request, reply) => {
        stream.resolve(openEventStream(reply, {
          headers: { 'x-stream': '1' }, onClosed: ended.resolve, ...(maxBufferedBytes === undefined ? {} : { maxBufferedBytes }),
        }))
        return reply
      })
    },
  })
  door.ready = true
  const socket = connect(door.port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write('GET /events HTTP/1.1\r\nHost: x\r\n\r\n')
  let text = ''
  socket.on('data', chunk => { text += chunk.toString() })
  return {
    stream: await stream.promise, socket, ended: ended.promise, text: () => text,
    async [Symbol.asyncDispose] () { socket.destroy(); await door.close() },
  }
}

test('what is sent arrives in order, and close ends the response and its connection', async () => {
  await using opened = await open()
  opened.stream.send('one')
  opened.stream.send(Buffer.from('two'))
  opened.stream.close()
  opened.stream.close()
  opened.stream.send('never')
  assert.deepEqual(await opened.ended, { cutOff: false, chunks: 2, bytes: 6 })
  await new Promise(resolve => { opened.socket.once('close', resolve) })
  assert.match(opened.text(), /^HTTP\/1.1 200 OK\r\nx-stream: 1\r\nconnection: close\r\n/)
  assert.match(opened.text(), /\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n$/)
  assert.equal(opened.stream.isOpen, false)
})

const limitBytes = 1024 * 1024
const burst = Array.from({ length: 200 }, () => Buffer.alloc(64 * 1024))

test('a reader that does not read is cut off when too much waits for it', async () => {
  await using opened = await open(limitBytes)
  opened.socket.pause()
  for (const chunk of burst) opened.stream.send(chunk)
  assert.equal((await opened.ended).cutOff, true)
  assert.equal(opened.stream.isOpen, false)
})

test('a reader that reads is not cut off by a burst, however large', async () => {
  await using opened = await open(limitBytes)
  for (const chunk of burst) opened.stream.send(chunk)
  const allBytes = burst.length * 64 * 1024
  await eventually(() => opened.text().length > allBytes)
  opened.stream.send('more')
  opened.stream.close()
  assert.deepEqual(await opened.ended, { cutOff: false, chunks: burst.length + 1, bytes: allBytes + 4 })
})

test('a reader that leaves ends the stream, and sending goes nowhere without harm', async () => {
  await using opened = await open()
  opened.socket.destroy()
  assert.equal((await opened.ended).cutOff, false)
  opened.stream.send('late')
  opened.stream.close()
  assert.equal(opened.stream.isOpen, false)
})

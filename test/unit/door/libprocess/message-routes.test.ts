import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { silentLog } from '../../../../src/base/log.ts'
import { deferred } from '../../../../src/base/deferred.ts'
import { frame } from '../../../../src/door/libprocess/frame.ts'
import { messageRoutes, type MessageRoutesOptions } from '../../../../src/door/libprocess/message-routes.ts'
import { startDoor, type Door } from '../../../../src/door/start-door.ts'
import { AgentError } from '../../../../src/model/errors.ts'
import { eventually } from '../../../support/eventually.ts'
import { bodyBytes, recordedScenario } from '../../wire/recorded-wire.ts'

const from = { id: 'executor(1)', ip: '127.0.0.1', port: 44_559 }
const names = ['test.A', 'test.B', 'mesos.internal.RegisterExecutorMessage', 'mesos.internal.StatusUpdateMessage']

interface Taken { name: string, body: string, from: string, peer: string }

async function open (more: Partial<MessageRoutesOptions<string>> = {}): Promise<{ door: Door, taken: Taken[] } & AsyncDisposable> {
  const taken: Taken[] = []
  const door = await startDoor({
    ip: '127.0.0.1', port: 0, token: 'secret', openPaths: [], log: silentLog,
    routes: app => {
      messageRoutes<string>(app, {
        process: 'slave(1)', names, admit: () => 'known',
        take: ({ name, body }, { port }, peer) => { taken.push({ name, body: Buffer.from(body).toString('base64'), from: String(port), peer }) },
        ...more,
      })
    },
  })
  door.ready = true
  return { door, taken, [Symbol.asyncDispose]: () => door.close() }
}

function message (name: string, body: Uint8Array, id = 'slave(1)'): Buffer {
  return frame({ name, body }, { from, to: { id, ip: '127.0.0.1', port: 1 } })
}

async function dial (door: Door): Promise<{ socket: Socket, answers: () => string[] }> {
  const socket = connect({ host: '127.0.0.1', port: door.port, allowHalfOpen: true })
  socket.on('error', () => {})
  let text = ''
  socket.on('data', chunk => { text += chunk.toString('latin1') })
  await once(socket, 'connect')
  return { socket, answers: () => text.match(/^HTTP\/1\.[01] \d{3}/gm)?.map(line => line.slice(9)) ?? [] }
}

test('recorded messages are taken byte for byte, at both spellings of the process, without a token', async () => {
  await using at = await open()
  const { socket, answers } = await dial(at.door)
  const lines = recordedScenario('wire-executor-v0', 'b_host_exit0.jsonl').filter(({ direction }) => direction === 'executor->agent')
  for (const line of lines) socket.write(message(line.message, bodyBytes(line), line.seq % 2 === 0 ? 'slave%281%29' : 'slave(1)'))
  await eventually(() => answers().length === lines.length)
  assert.deepEqual(at.taken.map(({ name, body }) => [name, body]), lines.map(line => [line.message, bodyBytes(line).toString('base64')]))
  assert.ok(answers().every(status => status === '202'))
  socket.destroy()
})

test('messages of a connection are taken in their order, whatever their size and however long its peer is looked at', async () => {
  const known = deferred<string>()
  let asked = 0
  await using at = await open({ admit: () => { asked++; return known.promise } })
  const { socket, answers } = await dial(at.door)
  const bodies = Array.from({ length: 60 }, (_, index) => Buffer.alloc([0, 10, 200_000, 1][index % 4]!, index))
  socket.write(Buffer.concat(bodies.map((body, index) => message(`test.${'AB'[index % 2]!}`, body))))
  await eventually(() => asked === 1)
  assert.equal(at.taken.length, 0)
  known.resolve('executor')
  await eventually(() => answers().length === bodies.length)
  assert.deepEqual(at.taken.map(({ body }) => body), bodies.map(body => body.toString('base64')))
  assert.equal(asked, 1)
  socket.destroy()
})

test('a message is taken from a connection that is closed right behind it', async () => {
  await using at = await open()
  for (let round = 1; round <= 5; round++) {
    const { socket } = await dial(at.door)
    socket.end(message('test.A', Buffer.alloc(100_000, round)))
    await eventually(() => at.taken.length === round)
    socket.destroy()
  }
})

test('a message of an old sender is taken: HTTP/1.0, and the user agent alone says who it is', async () => {
  await using at = await open()
  const { socket } = await dial(at.door)
  socket.write('POST /slave(1)/test.A HTTP/1.0\r\nUser-Agent: libprocess/executor(1)@127.0.0.1:7\r\nConnection: Keep-Alive\r\n' +
    'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n')
  await eventually(() => at.taken.length === 1)
  assert.deepEqual(at.taken[0], { name: 'test.A', body: Buffer.from('abc').toString('base64'), from: '7', peer: 'known' })
  socket.destroy()
})

test('a sender that is not admitted is sent away before its body is read', async () => {
  await using at = await open({ admit: async () => undefined })
  const { socket, answers } = await dial(at.door)
  socket.write(message('test.A', Buffer.alloc(10)))
  await once(socket, 'end')
  assert.deepEqual(answers(), ['403'])
  assert.equal(at.taken.length, 0)
  socket.destroy()
})

test('what is no message, or none that is known, is refused', async () => {
  await using at = await open()
  const bad: Array<[string, string]> = [
    ['POST /slave(1)/test.A HTTP/1.1\r\nHost: \r\nContent-Length: 0\r\n\r\n', '400'],
    ['POST /slave(1)/test.A HTTP/1.1\r\nHost: \r\nLibprocess-From: nobody\r\nContent-Length: 0\r\n\r\n', '400'],
    [message('test.Unknown', Buffer.from('x')).toString('latin1'), '401'],
    [message('test.A', Buffer.from('x'), 'slave(2)').toString('latin1'), '401'],
    ['POST /slave(1)/test.A HTTP/1.1\r\nHost: \r\nLibprocess-From: a@127.0.0.1:1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', '400'],
  ]
  for (const [text, status] of bad) {
    const { socket, answers } = await dial(at.door)
    socket.write(text, 'latin1')
    await eventually(() => answers().length > 0, { reason: text })
    assert.equal(answers()[0], status, text)
    socket.destroy()
  }
  assert.equal(at.taken.length, 0)
})

test('a message that is too large is refused, and one that its taker refuses is answered so', async () => {
  await using at = await open({ maxBodyBytes: 1_000, take: () => { throw new AgentError('SPEC_INVALID', 'not this one') } })
  for (const [bytes, status] of [[2_000, '413'], [10, '400']] as const) {
    const { socket, answers } = await dial(at.door)
    socket.write(message('test.A', Buffer.alloc(bytes)))
    await eventually(() => answers().length === 1)
    assert.equal(answers()[0], status)
    socket.destroy()
  }
})

test('more requests than may wait to be let in are sent away, and the others get their turn', async () => {
  const known = deferred<string>()
  let asked = 0
  await using at = await open({ admit: () => { asked++; return known.promise }, maxWaiting: 3 })
  const peers = await Promise.all(Array.from({ length: 3 }, () => dial(at.door)))
  for (const { socket } of peers) socket.write(message('test.A', Buffer.from('x')))
  await eventually(() => asked === 3)
  const late = await dial(at.door)
  late.socket.write(message('test.A', Buffer.from('x')))
  await eventually(() => late.answers()[0] === '503')
  known.resolve('known')
  await eventually(() => at.taken.length === 3)
  for (const { socket } of [...peers, late]) socket.destroy()
})

test('a connection that has brought a message is never closed for its silence', async () => {
  await using at = await open()
  at.door.app.server.keepAliveTimeout = 50
  const { socket, answers } = await dial(at.door)
  socket.write(message('test.A', Buffer.from('x')))
  await eventually(() => answers().length === 1)
  const start = performance.now()
  await eventually(() => performance.now() - start > 1_500)
  socket.write(message('test.A', Buffer.from('y')))
  await eventually(() => at.taken.length === 2)
  socket.destroy()
})

test('a peer\'s connection outlives the time after which others that say nothing are closed', async () => {
  await using at = await open()
  at.door.app.server.keepAliveTimeout = 100
  const [peer, other] = [await dial(at.door), await dial(at.door)]
  peer.socket.write(message('test.A', Buffer.from('first')))
  await eventually(() => peer.answers().length === 1)
  other.socket.write('GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(other.socket, 'end')
  other.socket.destroy()
  peer.socket.write(message('test.A', Buffer.from('later')))
  await eventually(() => at.taken.length === 2)
  peer.socket.destroy()
})

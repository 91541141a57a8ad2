import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { AgentError } from '../../../src/model/errors.ts'
import { answerErrorsAsJson } from '../../../src/door/answer-errors.ts'
import { bodyOf } from '../../../src/door/raw-bodies.ts'
import { onlyMethods } from '../../../src/door/only-methods.ts'
import { silentLog, type Log } from '../../../src/base/log.ts'
import { startDoor, type Door } from '../../../src/door/start-door.ts'
import { eventually } from '../../support/eventually.ts'
import { send } from '../../support/scheduler-client.ts'
import type { FastifyInstance } from 'fastify'

const token = 'secret-of-the-door'
const authorized = { authorization: `Bearer ${token}` }

interface More { log?: Log, token?: undefined, maxBodyBytes?: number, maxConnections?: number, connections?: { most: number, open: number } }

async function open (routes: (app: FastifyInstance) => void, more: More = {}): Promise<Door & AsyncDisposable> {
  const door = await startDoor({ ip: '127.0.0.1', port: 0, token, openPaths: ['/health'], log: silentLog, routes, ...more })
  door.ready = true
  return Object.assign(door, { [Symbol.asyncDispose]: () => door.close() })
}

function health (app: FastifyInstance): void {
  app.get('/health', () => 'healthy')
  app.get('/state', () => 'all of it')
}

test('an open path needs no token, every other path does, known or not', async () => {
  await using door = await open(health)
  for (const path of ['/health', '/health?verbose', '/%68ealth']) assert.equal((await send(door.url + path, 'GET', {})).status, 200)
  const closed = [
    '/state', '/', '/nowhere', '/health/', '/health/../state', '//health', '/state?/health', '/HEALTH', '/health;x', '/health%2f',
  ]
  for (const path of closed) {
    const { status, headers, text } = await send(door.url + path, 'GET', {})
    assert.equal(status, 401, path)
    assert.match(String(headers['www-authenticate']), /^Bearer/)
    assert.match(text, /auth-token/)
  }
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) assert.equal((await send(`${door.url}/state`, method, {})).status, 401)
})

test('a wrong token is refused, whatever its form', async () => {
  await using door = await open(health)
  const wrong = ['Bearer', 'Bearer ', 'Bearer wrong', `Bearer ${token}x`, `Bearer ${token.slice(1)}`, `Basic ${token}`, token]
  for (const authorization of wrong) {
    assert.equal((await send(`${door.url}/state`, 'GET', { authorization })).status, 401, authorization)
  }
  assert.equal((await send(`${door.url}/state`, 'GET', authorized)).text, 'all of it')
  assert.equal((await send(`${door.url}/nowhere`, 'GET', authorized)).status, 404)
})

test('without a token the door is open', async () => {
  await using door = await open(health, { token: undefined })
  assert.equal((await send(`${door.url}/state`, 'GET', {})).text, 'all of it')
})

test('until it is ready only open paths answer, the others 503', async () => {
  await using door = await open(health)
  door.ready = false
  assert.equal((await send(`${door.url}/health`, 'GET', {})).status, 200)
  const { status, headers } = await send(`${door.url}/state`, 'GET', authorized)
  assert.deepEqual([status, headers['retry-after']], [503, '1'])
  assert.equal((await send(`${door.url}/state`, 'GET', {})).status, 401)
})

test('errors of a route become a status and a line of text, without a stack', async () => {
  await using door = await open(app => {
    app.get('/missing', () => { throw new AgentError('NOT_FOUND', 'no such container', {}, new Error('it was removed')) })
    app.get('/broken', () => { throw new TypeError('inner secrets') })
  })
  const missing = await send(`${door.url}/missing`, 'GET', authorized)
  assert.deepEqual([missing.status, missing.text], [404, 'no such container: it was removed'])
  const broken = await send(`${door.url}/broken`, 'GET', authorized)
  assert.deepEqual([broken.status, broken.text], [500, 'A fault in Slipway itself. Please report it with the log.'])
})

test('a scope of routes may answer errors as JSON', async () => {
  await using door = await open(app => {
    void app.register((scope, _options, done) => {
      answerErrorsAsJson(scope, silentLog)
      scope.get('/json', () => { throw new AgentError('NOT_SUPPORTED', 'not yet') })
      done()
    })
  })
  const { status, text } = await send(`${door.url}/json`, 'GET', authorized)
  assert.equal(status, 501)
  assert.deepEqual(JSON.parse(text), { error: { code: 'NOT_SUPPORTED', message: 'not yet', hint: 'This version cannot do that.' } })
})

test('bodies arrive as they were sent, whatever their type, up to the limit', async () => {
  await using door = await open(app => { app.post('/echo', request => bodyOf(request)) }, { maxBodyBytes: 100 })
  const bytes = Buffer.from([0, 255, 10, 13])
  for (const type of ['application/json', 'application/x-protobuf', 'text/plain']) {
    assert.equal((await send(`${door.url}/echo`, 'POST', { ...authorized, 'content-type': type }, bytes)).text, bytes.toString())
  }
  assert.equal((await send(`${door.url}/echo`, 'POST', authorized)).text, '')
  assert.equal((await send(`${door.url}/echo`, 'POST', authorized, Buffer.alloc(101))).status, 413)
})

test('other methods are told which one is expected', async () => {
  await using door = await open(app => {
    onlyMethods(app, '/call', ['POST'])
    app.post('/call', () => 'done')
  })
  const { status, headers, text } = await send(`${door.url}/call`, 'GET', authorized)
  assert.deepEqual([status, headers.allow, text], [405, 'POST', "405 Method Not Allowed. Expecting one of { 'POST' }, but received 'GET'."])
  assert.equal((await send(`${door.url}/call`, 'HEAD', authorized)).status, 405)
  assert.equal((await send(`${door.url}/call`, 'POST', authorized)).text, 'done')
})

test('a stream that fails before its first byte is answered as JSON, whatever type it had', async () => {
  await using door = await open(app => {
    void app.register((scope, _options, done) => {
      answerErrorsAsJson(scope, silentLog)
      scope.get('/stream', (_request, reply) => reply.type('application/octet-stream').send(new Readable({
        read () { this.destroy(new AgentError('NOT_FOUND', 'the file has gone')) },
      })))
      done()
    })
  })
  const { status, headers, text } = await send(`${door.url}/stream`, 'GET', authorized)
  assert.equal(status, 404)
  assert.match(String(headers['content-type']), /^application\/json/)
  assert.match(text, /the file has gone/)
})

test('a URL that cannot be decoded is answered as other faults are, and not repeated', async () => {
  await using door = await open(health)
  const { status, headers, text } = await send(`${door.url}/%zz-hidden`, 'GET', {})
  assert.equal(status, 400)
  assert.match(String(headers['content-type']), /^text\/plain/)
  assert.doesNotMatch(text, /hidden|FST_/)
})

test('connections beyond the limit are closed as they come, and those before them are served', async () => {
  await using door = await open(health, { maxConnections: 3 })
  const dial = async (): Promise<Socket> => {
    const socket = connect(door.port, '127.0.0.1')
    socket.on('error', () => {}).resume()
    await once(socket, 'connect')
    return socket
  }
  const first = [await dial(), await dial(), await dial()]
  const late = await dial()
  if (!late.closed) await once(late, 'close')
  assert.ok(first.every(socket => !socket.closed))
  first[0]?.write('GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  if (first[0]?.closed === false) await once(first[0], 'close')
  assert.equal((await send(`${door.url}/health`, 'GET', {})).status, 200)
  for (const socket of first) socket.destroy()
})

test('doors that share their connections have so many together, and one that ends makes room at each', async () => {
  const connections = { most: 2, open: 0 }
  await using one = await open(health, { connections })
  await using other = await open(health, { connections })
  const dial = async ({ port }: Door): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {}).resume()
    await once(socket, 'connect')
    return socket
  }
  const held = [await dial(one), await dial(other)]
  await eventually(() => connections.open === 2)
  const late = await dial(other)
  if (!late.closed) await once(late, 'close')
  held[0]?.destroy()
  await eventually(() => connections.open === 1)
  assert.equal((await send(`${other.url}/health`, 'GET', {})).status, 200)
  held[1]?.destroy()
})

test('neither tokens nor queries are logged', async () => {
  const lines: string[] = []
  const write = (fields: object, message: string): void => { lines.push(JSON.stringify(fields) + message) }
  const log: Log = { debug: write, info: write, warn: write, error: write, child: () => log }
  {
    await using door = await open(health, { log })
    await send(`${door.url}/state?key=hidden`, 'GET', authorized)
    await send(`${door.url}/state`, 'GET', { authorization: 'Bearer almost-a-secret' })
  }
  assert.equal(lines.length, 2)
  assert.doesNotMatch(lines.join(), /secret|hidden/)
  assert.match(lines.join(), /"\/state"/)
})

test('garbage on the socket ends that connection and nothing else', async () => {
  await using door = await open(health)
  const socket = connect(door.port, '127.0.0.1')
  const closed = new Promise(resolve => { socket.on('close', resolve) })
  socket.on('error', () => {}).resume()
  socket.write('\u0000\u0001 not http at all\r\n\r\n')
  await closed
  assert.equal((await send(`${door.url}/health`, 'GET', {})).status, 200)
})

test('closing does not wait for a request that never ends', async () => {
  const door = await open(app => { app.get('/hang', () => new Promise(() => {})) })
  const hanging = assert.rejects(send(`${door.url}/hang`, 'GET', authorized))
  await door.close()
  await hanging
})

test('a port that is taken is told as a setting that cannot be used', async () => {
  await using door = await open(health)
  const second = startDoor({ ip: '127.0.0.1', port: door.port, token, openPaths: [], log: silentLog, routes: health })
  await assert.rejects(second, { code: 'SETTING_INVALID' })
})

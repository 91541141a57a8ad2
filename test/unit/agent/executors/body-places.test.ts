import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { BodyPlaces } from '../../../../src/agent/executors/body-places.ts'
import type { Executor } from '../../../../src/agent/executors/executor.ts'
import { silentLog } from '../../../../src/base/log.ts'
import { frame } from '../../../../src/door/libprocess/frame.ts'
import { messageRoutes } from '../../../../src/door/libprocess/message-routes.ts'
import { startDoor } from '../../../../src/door/start-door.ts'
import { eventually } from '../../../support/eventually.ts'

const from = { id: 'executor(1)', ip: '127.0.0.1', port: 44_559 }

test('messages of one connection are taken in their order, though few bodies may be on their way at once', async () => {
  const bodies = new BodyPlaces()
  const peer = {} as Executor
  const taken: number[] = []
  const door = await startDoor({
    ip: '127.0.0.1', port: 0, token: 'secret', openPaths: [], log: silentLog,
    routes: app => {
      messageRoutes<Executor>(app, {
        process: 'slave(1)', names: ['test.A'], admit: () => peer, makeRoom: (executor, body) => bodies.take(executor, body), maxWaiting: 1_000,
        take: ({ body }) => { taken.push(body[0] ?? 0) },
      })
    },
  })
  door.ready = true
  const socket = connect({ host: '127.0.0.1', port: door.port })
  socket.on('error', () => {}).resume()
  await once(socket, 'connect')
  const numbers = Array.from({ length: 200 }, (_, at) => at)
  const sizes = [1, 10, 100_000]
  const message = (at: number): Buffer => frame({ name: 'test.A', body: Buffer.alloc(sizes[at % 3] ?? 1, at) }, { from, to: { ...from, id: 'slave(1)' } })
  socket.write(Buffer.concat(numbers.map(message)))
  await eventually(() => taken.length === numbers.length)
  assert.deepEqual(taken, numbers)
  socket.destroy()
  await door.close()
})

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { eventually } from '../../../support/eventually.ts'
import { launch, startSoloDoor, task, testToken, type SoloDoor } from '../../../support/solo-door.ts'

const info = { user: 'root', name: 'test', failover_timeout: 60 }

test('a subscriber that does not read is cut off, others hear on, and it may come back', async () => {
  await using solo = await startSoloDoor('cpus:1;mem:64', { maxBufferedBytes: 200_000 })
  const client = solo.client()
  await client.subscribe(info)
  await client.call('ACCEPT', launch((await client.nextOffer()).id.value, [task('t1')]))
  const id = { value: client.frameworkId }
  const deaf = await subscribeWithoutReading(solo, id)
  const other = solo.client()
  await other.subscribe({ user: 'root', name: 'other' })
  const isDeafHere = (): boolean => solo.master.frameworks().some(framework => framework.id === id.value && framework.sink !== undefined)
  await eventually(isDeafHere)
  // More than the kernel takes for a socket that nobody reads.
  for (let update = 0; update < 20; update++) solo.agent.tell('t1', 'TASK_RUNNING', { data: Buffer.alloc(1_000_000) })
  await eventually(() => !isDeafHere())
  await other.nextOffer()
  const back = solo.client()
  assert.equal((await back.subscribe({ ...info, id }, { framework_id: id })).type, 'SUBSCRIBED')
  deaf.destroy()
})

async function subscribeWithoutReading ({ door }: SoloDoor, id: { value: string }): Promise<{ destroy: () => void }> {
  const socket = connect({ host: door.ip, port: door.port })
  await once(socket, 'connect')
  socket.pause()
  socket.on('error', () => {})
  const body = JSON.stringify({ type: 'SUBSCRIBE', framework_id: id, subscribe: { framework_info: { ...info, id } } })
  const head = ['POST /api/v1/scheduler HTTP/1.1', `Host: ${door.ip}`, 'Content-Type: application/json', 'Accept: application/json',
    `Authorization: Bearer ${testToken}`, `Content-Length: ${body.length}`]
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  return socket
}

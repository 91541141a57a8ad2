import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askEngine, callEngine } from '../../support/engine-api.ts'
import { startSimEngine } from '../../support/sim-engine.ts'

/** What the port does not use, as Docker 20.10.24 was seen to answer it. */

async function create (socket: string, name: string, ...cmd: string[]): Promise<string> {
  const body = { Image: 'busybox', Cmd: cmd, Labels: { a: 'b' } }
  return (await askEngine<{ Id: string }>(socket, `POST /containers/create?name=${name}`, { body })).Id
}

const messageOf = ({ body }: { body: string }): string => (JSON.parse(body) as { message: string }).message

test('calls come with and without a version, but not with a newer one', async () => {
  await using sim = await startSimEngine()
  assert.deepEqual(await callEngine(sim.socket, 'GET /_ping'), { status: 200, body: 'OK' })
  assert.equal((await callEngine(sim.socket, 'GET /v1.24/_ping')).status, 200)
  const newer = await callEngine(sim.socket, 'GET /v1.99/version')
  assert.deepEqual([newer.status, messageOf(newer)], [400, 'client version 1.99 is too new. Maximum supported API version is 1.41'])
  assert.equal((await callEngine(sim.socket, 'GET /nothing')).status, 404)
})

test('a container is found by id, name or a beginning of its id', async () => {
  await using sim = await startSimEngine()
  const id = await create(sim.socket, 'one', 'sleep', '100')
  for (const reference of [id, 'one', id.slice(0, 12)]) {
    assert.equal((await askEngine<{ Id: string }>(sim.socket, `GET /containers/${reference}/json`)).Id, id)
  }
  for (let i = 0; i < 16; i++) await create(sim.socket, `more${i}`, 'true')
  const ids = (await sim.containers()).map(container => container.id.charAt(0))
  const shared = ids.find((digit, i) => ids.indexOf(digit) !== i) ?? ''
  const ambiguous = await callEngine(sim.socket, `GET /containers/${shared}/json`)
  assert.deepEqual([ambiguous.status, messageOf(ambiguous)], [500, `Multiple IDs found with provided prefix: ${shared}`])
})

test('an attach without an upgrade gets the frames until the end of the connection', async () => {
  await using sim = await startSimEngine()
  await create(sim.socket, 'one', 'sh', '-c', 'echo out; echo err >&2')
  const attached = callEngine(sim.socket, 'POST /containers/one/attach?stream=1&stdout=1&stderr=1')
  while ((await sim.containers())[0]?.attached !== 1) await askEngine(sim.socket, 'GET /version')
  await askEngine(sim.socket, 'POST /containers/one/start')
  assert.equal((await attached).body, '\x01\0\0\0\0\0\0\x04out\n\x02\0\0\0\0\0\0\x04err\n')
  const none = await callEngine(sim.socket, 'POST /containers/none/attach?stream=1&stdout=1')
  assert.deepEqual(none, { status: 404, body: 'No such container: none\r\n' })
})

test('wait, stop, logs and update answer as the real engine does', async () => {
  await using sim = await startSimEngine()
  await create(sim.socket, 'one', 'sh', '-c', "trap 'exit 9' TERM; echo a; echo b; sleep 100")
  assert.deepEqual(await askEngine(sim.socket, 'POST /containers/one/wait'), { Error: null, StatusCode: 0 })
  assert.equal((await callEngine(sim.socket, 'POST /containers/one/stop')).status, 304)
  await askEngine(sim.socket, 'POST /containers/one/start')
  assert.equal((await callEngine(sim.socket, 'POST /containers/one/start')).status, 304)
  assert.deepEqual(await askEngine(sim.socket, 'POST /containers/one/update', { body: { Memory: 64 << 20 } }), { Warnings: null })
  const exited = askEngine(sim.socket, 'POST /containers/one/wait?condition=next-exit')
  const removed = askEngine(sim.socket, 'POST /containers/one/wait?condition=removed')
  while ((await sim.calls()).filter(({ call, isOpen }) => call === 'wait' && isOpen).length < 2) await askEngine(sim.socket, 'GET /version')
  const unremovable = await callEngine(sim.socket, 'DELETE /containers/one')
  assert.deepEqual([unremovable.status, /^You cannot remove a running container/.test(messageOf(unremovable))], [409, true])
  await askEngine(sim.socket, 'POST /containers/one/stop?t=5')
  assert.deepEqual(await exited, { Error: null, StatusCode: 9 })
  const { body } = await callEngine(sim.socket, 'GET /containers/one/logs?stdout=1&tail=1')
  assert.equal(body, '\x01\0\0\0\0\0\0\x02b\n')
  await askEngine(sim.socket, 'DELETE /containers/one')
  assert.deepEqual(await removed, { Error: null, StatusCode: 9 })
})

test('a stop of a container that ignores SIGTERM takes the grace and ends with 137', async () => {
  await using sim = await startSimEngine()
  await create(sim.socket, 'one', 'sh', '-c', "trap '' TERM; sleep 100")
  await askEngine(sim.socket, 'POST /containers/one/start')
  await askEngine(sim.socket, 'POST /containers/one/stop?t=0')
  assert.equal((await sim.containers())[0]?.exitCode, 137)
})

test('past events are told from a point in time, and the stream ends at another', async () => {
  await using sim = await startSimEngine()
  await create(sim.socket, 'one', 'true')
  await askEngine(sim.socket, 'DELETE /containers/one')
  const untilSeconds = (Date.now() + 20) / 1000
  const filters = encodeURIComponent('{"label":["a=b"]}')
  const { body } = await callEngine(sim.socket, `GET /events?since=0&until=${untilSeconds}&filters=${filters}`)
  const actions = body.trim().split('\n').map(line => (JSON.parse(line) as { Action: string }).Action)
  assert.deepEqual(actions, ['create', 'destroy'])
})

test('the list filters by state, name and id, and knows no strange filters', async () => {
  await using sim = await startSimEngine()
  const id = await create(sim.socket, 'one', 'sleep', '100')
  await create(sim.socket, 'two', 'true')
  await askEngine(sim.socket, 'POST /containers/one/start')
  const names = async (query: string): Promise<string[]> =>
    (await askEngine<{ Names: [string] }[]>(sim.socket, `GET /containers/json${query}`)).map(({ Names: [name] }) => name)
  const filter = (filters: object): string => `?all=1&filters=${encodeURIComponent(JSON.stringify(filters))}`
  assert.deepEqual(await names(''), ['/one'])
  assert.deepEqual(await names('?all=1'), ['/two', '/one'])
  assert.deepEqual(await names(filter({ status: ['created'] })), ['/two'])
  assert.deepEqual(await names(filter({ name: ['^/one$'] })), ['/one'])
  assert.deepEqual(await names(filter({ id: [id.slice(0, 6)] })), ['/one'])
  assert.deepEqual(await names(filter({ label: { 'a=b': true, 'a=c': true } })), [])
  const strange = await callEngine(sim.socket, `GET /containers/json${filter({ strange: ['a'] })}`)
  assert.deepEqual([strange.status, messageOf(strange)], [400, "Invalid filter 'strange'"])
})

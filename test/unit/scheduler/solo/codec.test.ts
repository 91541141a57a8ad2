import assert from 'node:assert/strict'
import { test } from 'node:test'
import { request } from 'undici'
import { acceptedMediaType } from '../../../../src/scheduler/solo/codec.ts'
import { decodeProtobuf, encodeProtobuf } from '../../../../src/wire/protobuf.ts'
import { decodeRecords } from '../../../../src/wire/record-io.ts'
import { send } from '../../../support/scheduler-client.ts'
import { startSoloDoor, testToken } from '../../../support/solo-door.ts'

const json = 'application/json'
const protobuf = 'application/x-protobuf'

const cases: [string | undefined, string | undefined][] = [
  [undefined, json], ['', json], ['*/*', json], ['application/*', json], [`${protobuf}, ${json}`, json], [protobuf, protobuf],
  ['text/html, Application/JSON;q=0.5', json],
  ['text/plain', undefined], [`${json};q=0`, undefined], ['json', undefined],
]
for (const [accept, expected] of cases) {
  test(`Accept ${String(accept)} means ${String(expected)}`, () => { assert.equal(acceptedMediaType(accept), expected) })
}

test('a framework may speak protobuf both ways', async () => {
  await using solo = await startSoloDoor('cpus:1;mem:64')
  const url = `${solo.url}/api/v1/scheduler`
  const headers = { authorization: `Bearer ${testToken}`, 'content-type': protobuf, accept: protobuf }
  const body = encodeProtobuf('scheduler.Call', { type: 'SUBSCRIBE', subscribe: { framework_info: { user: 'u', name: 'n' } } })
  const answer = await request(url, { method: 'POST', headers, body: Buffer.from(body), signal: AbortSignal.timeout(5000) })
  assert.equal(answer.headers['content-type'], protobuf)
  const records = decodeRecords(answer.body)
  const types: unknown[] = []
  let frameworkId: { value: string } | undefined
  while (types.length < 3) {
    const event = decodeProtobuf('scheduler.Event', (await records.next()).value as Buffer)
    frameworkId ??= event.subscribed?.framework_id
    types.push(event.type)
  }
  assert.deepEqual(types, ['SUBSCRIBED', 'HEARTBEAT', 'OFFERS'])
  const teardown = encodeProtobuf('scheduler.Call', { type: 'TEARDOWN', framework_id: frameworkId })
  const streamId = String(answer.headers['mesos-stream-id'])
  assert.equal((await send(url, 'POST', { ...headers, 'mesos-stream-id': streamId }, Buffer.from(teardown))).status, 202)
  assert.equal((await records.next()).done, true)
})

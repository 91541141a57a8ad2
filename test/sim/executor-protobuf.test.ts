import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { request } from 'undici'
import type { executor } from '../../src/wire/messages.ts'
import { decodeProtobuf, encodeProtobuf } from '../../src/wire/protobuf.ts'
import { decodeRecords } from '../../src/wire/record-io.ts'
import { eventually } from '../support/eventually.ts'
import { executorEnvironment } from '../support/executor-client.ts'
import { executorInfo, taskOf } from '../support/executor-infos.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'

interface Line { kind: string, path: string, headers: [string, string][], body_base64?: string, record_base64?: string, decoded?: { type?: string } }

const media = 'application/x-protobuf'
const file = join('test', 'golden', 'executor', 'protobuf.jsonl')
const lines = readFileSync(file, 'utf8').trim().split('\n').map(line => JSON.parse(line) as Line)
const calls = lines.filter(({ kind }) => kind === 'request').map(({ body_base64: body = '' }) => decodeProtobuf('executor.Call', Buffer.from(body, 'base64')))
const acknowledgements = lines.filter(({ kind, decoded }) => kind === 'event' && decoded?.type === 'ACKNOWLEDGED').map(({ record_base64: record }) => record)

test('the recorded executor that speaks protobuf is served, its acknowledgements byte for byte as recorded', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe('test', { checkpoint: true, failover_timeout: 60 })
  await framework.launch(taskOf(executorInfo('exec-protobuf'), 'task-protobuf'))
  const environment = await executorEnvironment(engine.socket, 'exec-protobuf')
  const headers = { 'content-type': media, 'accept': media, 'authorization': `Bearer ${environment['MESOS_EXECUTOR_AUTHENTICATION_TOKEN'] ?? ''}` }
  const send = async (call: executor.Call): Promise<Awaited<ReturnType<typeof request>>> => {
    const body = Buffer.from(encodeProtobuf('executor.Call', { ...call, framework_id: { value: framework.frameworkId } }))
    return await request(`${agent.url}/slave(1)/api/v1/executor`, { method: 'POST', headers, body })
  }
  const recorded = (type: executor.Call_Type): executor.Call[] => calls.filter(call => call.type === type)

  const stream = await send(recorded('SUBSCRIBE')[0] as executor.Call)
  assert.deepEqual([stream.statusCode, stream.headers['content-type']], [200, media])
  const records: Buffer[] = []
  void (async () => { for await (const record of decodeRecords(stream.body)) records.push(record) })().catch(() => {})
  const types = (): unknown[] => records.map(record => decodeProtobuf('executor.Event', record).type)
  await eventually(() => types().includes('LAUNCH'))
  const said = recorded('UPDATE')
  for (const call of said) {
    const { update } = call
    if (update?.status.state === 'TASK_KILLED') {
      await framework.kill('task-protobuf')
      await eventually(() => types().includes('KILL'))
    }
    assert.equal((await send(call)).statusCode, 202)
  }
  for (const call of recorded('MESSAGE')) assert.equal((await send(call)).statusCode, 202)
  await eventually(() => { assert.deepEqual(framework.messages, ['echo:hello']) })
  await eventually(() => {
    const told = records.filter(record => decodeProtobuf('executor.Event', record).type === 'ACKNOWLEDGED')
    assert.deepEqual(told.map(record => record.toString('base64')), acknowledgements)
  })
  assert.equal(said.length, acknowledgements.length)
})

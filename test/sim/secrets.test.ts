import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import type { Log } from '../../src/base/log.ts'
import type { v1 } from '../../src/wire/messages.ts'
import { Cli } from '../support/cli-process.ts'
import { eventually } from '../support/eventually.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent, type TestAgent } from '../support/test-agent.ts'

const secret = 'hunter2'

/** It has a secret wherever a task can have one that is not its command line. */
const info: Partial<v1.TaskInfo> = {
  command: {
    value: 'true', environment: { variables: [{ name: 'PASSWORD', value: secret }] },
    uris: [{ value: `http://user:${secret}@127.0.0.1:1/file?token=${secret}#${secret}` }],
  },
  container: { type: 'DOCKER', docker: { image: 'busybox:latest', network: 'HOST', parameters: [{ key: 'env', value: `OTHER=${secret}` }] } },
  health_check: { type: 'COMMAND', command: { value: 'true', environment: { variables: [{ name: 'THIRD', value: secret }] } } },
}
const { uris: _none, ...command } = info.command!
const runs = { ...info, command: { ...command, value: 'sleep 100' } }
const fails = { ...info, command: { ...command, value: `no-such-program`, shell: false } }

const paths = (ids: readonly string[]): string[] => [
  '/state', '/state.json', '/slave(1)/state', '/containers', '/monitor/statistics', '/flags', '/version', '/health', '/metrics', '/files/debug',
  '/slipway/v1/containers', '/slipway/v1/containers?all=true', '/slipway/v1/stats', ...ids.map(id => `/slipway/v1/containers/${id}`),
]

/** Keeps all that is said, down to what errors hold. */
function keepingLog (lines: string[]): Log {
  const keep = (fields: object, message: string): void => { lines.push(`${message} ${inspect(fields, { depth: 10 })}`) }
  const log: Log = { debug: keep, info: keep, warn: keep, error: keep, child: fields => { lines.push(inspect(fields)); return log } }
  return log
}

async function eventsOf (agent: TestAgent, told: string[], signal: AbortSignal): Promise<void> {
  const answer = await fetch(`${agent.url}/slipway/v1/events`, { headers: { authorization: `Bearer ${agent.token}` }, signal })
  void (async () => { for await (const chunk of answer.body as AsyncIterable<Uint8Array>) told.push(Buffer.from(chunk).toString()) })().catch(() => {})
}

test('no page, event, log line or command shows what is secret: environment, credentials in URIs, the token', async () => {
  const told: string[] = []
  const gone = new AbortController()
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, {}, keepingLog(told))
  await eventsOf(agent, told, gone.signal)
  const framework = await agent.subscribe()
  await engine.fault('inspectImage', 'hang', { times: 1 })
  await framework.launch({ id: 'queued', info: runs })
  await eventually(async () => (await agent.get('/slipway/v1/containers/queued')).text.includes('"pull"'))
  await framework.launch({ id: 'running', info: runs }, { id: 'failed', info: fails }, { id: 'unfetched', info })
  await framework.until('running', 'TASK_RUNNING')
  for (const id of ['failed', 'unfetched']) assert.equal((await framework.end(id)).state, 'TASK_FAILED')
  for (const path of paths(['queued', 'running', 'failed', 'unfetched'])) {
    const { status, text } = await agent.get(path)
    assert.equal(status, 200, path)
    told.push(`${path}: ${text}`)
  }
  const cli = new Cli({ SLIPWAY_MASTER: agent.url, SLIPWAY_TOKEN: agent.token })
  for (const words of [['ps', '-a'], ['inspect', 'running'], ['inspect', 'failed', '--json'], ['logs', 'failed']]) {
    const { stdout, stderr } = await cli.run(...words)
    told.push(`${words.join(' ')}: ${stdout}${stderr}`)
  }
  told.push(JSON.stringify([...framework.statuses.values()].flat().map(({ data: _inspect, ...status }) => status)))
  gone.abort()
  for (const leaked of [secret, agent.token]) assert.deepEqual(told.filter(text => text.includes(leaked)), [])
  assert.ok(told.some(text => text.includes('"OTHER=…"')))
  await engine.mend()
  await engine.release()
})

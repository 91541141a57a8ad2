import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { request } from 'undici'
import { ExecutorClient, executorEnvironment } from '../support/executor-client.ts'
import { executorInfo, taskOf } from '../support/executor-infos.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'

interface Line {
  note?: string, kind: string, connection: string, method: string, path: string, headers: [string, string][], status: number,
  json?: object, sent?: string | null, body?: string
}

/** Where this agent answers otherwise on purpose. */
const differences: Readonly<Record<string, { status: number, text: string, reason: string }>> = {}

const recordedFramework = 'df896d52-5470-4bf0-beb5-cd8912d01eab-0000'

test('every wrong call of the recorded executor gets the recorded status and text', async t => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  await framework.launch(taskOf(executorInfo('exec-errors'), 'one'))
  const environment = await executorEnvironment(engine.socket, 'exec-errors')
  const lines = readFileSync(join('test', 'golden', 'executor', 'errors.jsonl'), 'utf8').trim().split('\n').map(line => JSON.parse(line) as Line)
  let count = 0
  for (const [index, line] of lines.entries()) {
    if (line.kind !== 'request') continue
    if (line.connection === 'subscribe') { await new ExecutorClient(environment).subscribe(); continue }
    if (line.note === undefined) continue
    count++
    await t.test(line.note, async () => {
      const answer = await replay(line, agent.url, environment)
      const expected = differences[line.note ?? ''] ?? { status: lines[index + 1]?.status, text: lines[index + 1]?.body }
      assert.deepEqual([answer.status, answer.text], [expected.status, expected.text])
      for (const name of ['content-type', 'allow']) {
        assert.equal(answer.headers[name], lines[index + 1]?.headers.find(([header]) => header.toLowerCase() === name)?.[1])
      }
    })
  }
  assert.equal(count, 28)
})

interface Seen { status: number, text: string, headers: Record<string, unknown> }

async function replay (line: Line, url: string, environment: Readonly<Record<string, string>>): Promise<Seen> {
  const headers: Record<string, string> = { authorization: `Bearer ${environment['MESOS_EXECUTOR_AUTHENTICATION_TOKEN'] ?? ''}` }
  for (const [name, value] of line.headers) if (!['Host', 'Content-Length', 'Connection'].includes(name)) headers[name] = value
  const text = (line.sent ?? (line.json === undefined ? '' : JSON.stringify(line.json))).replaceAll(recordedFramework, environment['MESOS_FRAMEWORK_ID'] ?? '')
  const body = line.method === 'GET' ? null : Buffer.from(text, 'latin1')
  const answer = await request(url + line.path, { method: line.method as 'POST', headers, body, signal: AbortSignal.timeout(5000) })
  const told = await answer.body.text()
  return { status: answer.statusCode, headers: answer.headers, text: told.replaceAll(environment['MESOS_FRAMEWORK_ID'] ?? '', recordedFramework) }
}

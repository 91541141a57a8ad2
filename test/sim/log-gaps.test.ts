import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { delay } from '../../src/base/deadline.ts'
import { sandboxOf } from '../support/agent-places.ts'
import { eventually } from '../support/eventually.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent, type TestAgent } from '../support/test-agent.ts'
import type { TestFramework } from '../support/test-framework.ts'

const gap = /\n\[slipway\] \d{4}-\d\d-\d\dT[\d:.]+Z ([^\n]+)\n/g

const outputOf = (agent: TestAgent, framework: TestFramework, id: string, stream = 'stdout'): Promise<string> =>
  readFile(join(sandboxOf(agent.workDir, framework.frameworkId, id), stream), 'utf8')

/** Lines of all kinds: the same again, empty ones, none that is ended, one longer than the engine logs in one piece. */
const endings = ['same\\n', 'same\\n', 'same\\n', '\\n', 'no end, ', 'still none, ', 'end\\n', 'a\\nb\\nc']
const pieces = [...endings, ...Array.from({ length: 4 }, () => 'x'.repeat(9_000)), '\\n', 'last']
const chatty = pieces.map(piece => `printf '${piece}'; printf 'e${piece.length} ' >&2; sleep 0.1`).join('; ') + '; sleep 0.6'
const expected = pieces.join('').replaceAll('\\n', '\n')
const expectedErrors = pieces.map(piece => `e${piece.length} `).join('')

test('a stream that is cut after any of its chunks, live or from the log, loses and doubles nothing', { timeout: 60_000 }, async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const chunks = 2 * pieces.length
  const ids: string[] = []
  for (let at = 0; at < chunks; at++) {
    // Its live stream is cut here, and the log that fills the gap a little later.
    const task = { id: `cut-${at}`, shell: chatty }
    await engine.fault('attach', 'cut', { times: 1, afterWrites: at })
    if (at % 2 === 0) await engine.fault('logs', 'cut', { times: 1, afterWrites: at + 3 })
    ids.push(...await framework.launch(task))
    await framework.until(task.id, 'TASK_RUNNING')
  }
  for (const id of ids) assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
  for (const id of ids) {
    await eventually(async () => { assert.equal(await outputOf(agent, framework, id), expected, id) })
    await eventually(async () => { assert.equal(await outputOf(agent, framework, id, 'stderr'), expectedErrors, id) })
  }
  assert.ok((await engine.calls()).filter(({ call }) => call === 'logs').length > chunks)
  assert.equal(await agent.metric('slipway_log_gaps_total'), 0)
})

test('what the engine has rotated away before it was filled is marked and counted, and the rest follows', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { logMaxSize: '1k', logMaxFile: 2 })
  const framework = await agent.subscribe()
  await engine.fault('attach', 'cut', { times: 1, afterWrites: 1 })
  await engine.fault('logs', 'hang', { times: 1 })
  const [id = ''] = await framework.launch({ shell: 'echo first; sleep 0.1; echo second; sleep 6; seq 2000; echo last; sleep 3' })
  await eventually(async () => (await engine.calls()).some(({ call }) => call === 'logs'))
  // As much later as nobody would log what was handed to us before.
  await delay(6_500)
  await engine.release()
  assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
  await eventually(async () => { assert.match(await outputOf(agent, framework, id), /\nlast\n$/) })
  const output = await outputOf(agent, framework, id)
  const [before = '', why = '', after = ''] = output.split(gap)
  assert.match(before, /^first\n$/)
  assert.match(why, /output is missing here: the engine did not keep it/)
  assert.match(after, /^\d+\n[\d\n]+2000\nlast\n$/)
  assert.equal(await agent.metric('slipway_log_gaps_total'), 1)
})

test('an engine that is killed and comes back: the log goes on in order, nothing is there twice, and the gap is marked', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const numbers = Array.from({ length: 40 }, (_, i) => i)
  const [id = ''] = await framework.launch({ shell: numbers.map(i => `echo number ${i}; sleep 0.1`).join('; ') })
  await eventually(async () => { assert.match(await outputOf(agent, framework, id), /number 5\n/) })
  await engine.kill()
  await engine.restart()
  assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
  await eventually(async () => { assert.match(await outputOf(agent, framework, id), /number 39\n$/) })
  const output = await outputOf(agent, framework, id)
  assert.equal([...output.matchAll(gap)].map(([, why]) => why).join(), 'the engine was lost here: output may be missing')
  const seen = [...output.matchAll(/number (\d+)\n/g)].map(([, number]) => Number(number))
  assert.deepEqual(seen, [...new Set(seen)].sort((a, b) => a - b))
  assert.equal(await agent.metric('slipway_log_gaps_total'), 1)
})

test('what is remembered of a log is gone with its container, unless files were rotated', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const [id = ''] = await framework.launch({ shell: 'seq 10; sleep 0.3' })
  assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
  await eventually(async () => { assert.deepEqual(await engine.containers(), []) })
  const runs = join(sandboxOf(agent.workDir, framework.frameworkId, id), '..')
  await eventually(() => { assert.equal(readdirSync(runs).length, 2) })
})

test('a log that the engine does not give in time is marked where it breaks off', { timeout: 60_000 }, async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { logFillTimeout: '1s' })
  const framework = await agent.subscribe()
  await engine.fault('attach', 'cut', { times: 1, afterWrites: 1 })
  await engine.fault('logs', 'stall', { afterWrites: 2 })
  const [id = ''] = await framework.launch({ shell: 'echo 1; sleep 0.1; echo 2; sleep 0.1; echo 3; sleep 0.1; echo 4; sleep 0.5' })
  assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
  await eventually(async () => { assert.match((await outputOf(agent, framework, id)).replace(gap, '[$1]'), /^1\n2\n\[the engine did not give the rest in time\]$/) })
  assert.equal(await agent.metric('slipway_log_gaps_total'), 1)
})

const slowly = (count: number): string => Array.from({ length: count }, (_, i) => `echo ${i}; sleep 0.1`).join('; ')
const numbers = (count: number): string => Array.from({ length: count }, (_, i) => `${i}\n`).join('')

test('a log that the engine stumbles over, or refuses for a while, loses and doubles nothing', { timeout: 60_000 }, async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  for (const [how, times] of [['error-in-stream', 2], ['refuse', 4]] as const) {
    await engine.fault('attach', 'cut', { times: 1, afterWrites: 1 })
    await engine.fault('logs', how, { times, afterWrites: 3, message: 'error unmarshalling log entry (size=12291)' })
    const [id = ''] = await framework.launch({ shell: slowly(30) })
    assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
    await eventually(async () => { assert.equal(await outputOf(agent, framework, id), numbers(30), how) })
  }
  assert.equal(await agent.metric('slipway_log_gaps_total'), 0)
})

test('a log that the engine cannot read any more: that is marked, and what comes is read live', { timeout: 60_000 }, async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  await engine.fault('attach', 'cut', { times: 1, afterWrites: 1 })
  await engine.fault('logs', 'error-in-stream', { afterWrites: 3 })
  const [id = ''] = await framework.launch({ shell: slowly(60) })
  assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
  await eventually(async () => { assert.match(await outputOf(agent, framework, id), /\n59\n$/) })
  const [before = '', why = '', after = ''] = (await outputOf(agent, framework, id)).split(gap)
  assert.match(before, /^0\n1\n2\n/)
  assert.equal(why, 'the engine cannot read its log: output may be missing')
  assert.ok(numbers(60).startsWith(before))
  assert.ok(numbers(60).endsWith(after))
  assert.ok(after.length > 60, after)
  assert.equal(await agent.metric('slipway_log_gaps_total'), 1)
})

test('a container has ended and its log cannot be read, or is gone with it: that is marked', { timeout: 60_000 }, async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const ends = [
    { how: 'error-in-stream', more: { afterWrites: 2 }, expected: '1\n2\n[the engine cannot read its log: output may be missing]' },
    { how: 'refuse', more: { status: 404, message: 'No such container' }, expected: '1\n[the container was removed: output may be missing]' },
  ] as const
  for (const { how, more, expected } of ends) {
    await engine.fault('attach', 'cut', { afterWrites: 1 })
    // The attach has ended in order, for all that can be seen: only the next call tells that it was not for the container's end.
    await engine.fault('logs', 'drop', { times: 1 })
    await engine.fault('logs', how, more)
    const [id = ''] = await framework.launch({ shell: 'echo 1; sleep 0.1; echo 2; sleep 0.1; echo 3; sleep 0.6' })
    assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
    await eventually(async () => { assert.equal((await outputOf(agent, framework, id)).replace(gap, '[$1]'), expected) })
    await engine.mend()
  }
})

test('an engine that was lost is not asked for the logs of what has ended again and again', { timeout: 60_000 }, async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const [id = ''] = await framework.launch({ shell: slowly(8) })
  await eventually(async () => { assert.match(await outputOf(agent, framework, id), /^0\n1\n/) })
  await engine.kill()
  await engine.restart()
  assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
  await eventually(async () => { assert.deepEqual(await engine.containers(), []) })
  const asked = (await engine.calls()).filter(({ call }) => call === 'logs').length
  assert.ok(asked <= 4, `${asked} times`)
})

test('a terminal whose pipe broke is marked once, and not waited for when it is over', { timeout: 60_000 }, async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  await engine.fault('attach', 'cut', { times: 1, afterWrites: 1 })
  const info = { container: { type: 'DOCKER', docker: { image: 'busybox:latest', network: 'HOST' }, tty_info: {} } } as const
  const [id = ''] = await framework.launch({ shell: `${slowly(8)}; sleep 0.6`, info })
  assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
  // Well before a log would be given up.
  await eventually(async () => { assert.deepEqual(await engine.containers(), []) })
  const marked = (await outputOf(agent, framework, id)).replaceAll('\r', '').replace(gap, '[$1]')
  assert.match(marked, /^0\n\[the log pipe broke here: output may be missing\](?:\d\n)*7\n$/)
})

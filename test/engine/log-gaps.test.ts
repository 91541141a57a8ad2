import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { delay } from '../../src/base/deadline.ts'
import { sandboxOf } from '../support/agent-places.ts'
import { startCuttingProxy } from '../support/cutting-proxy.ts'
import { askEngine } from '../support/engine-api.ts'
import { eventually } from '../support/eventually.ts'
import { ensureBusybox } from '../support/images.ts'
import { nothingLeft } from '../support/nothing-left.ts'
import { needsEngine } from '../support/requires.ts'
import { startTestAgent, type TestAgent } from '../support/test-agent.ts'
import type { TestFramework } from '../support/test-framework.ts'
import { recordThreads } from '../support/threads.ts'

const { socket, skip } = needsEngine()

/** What they write is more than a pipe or a line's worth, and goes on for some seconds. */
const writers = {
  'identical lines': 'for i in $(seq 60); do yes | head -c 6000; sleep 0.05; done',
  'random bytes': 'for i in $(seq 40); do head -c 100000 /dev/urandom; sleep 0.07; done',
  'long lines': 'head -c 75000 /dev/urandom | busybox base64 -w 0 > /tmp/long; ' +
    'for i in $(seq 40); do cat /tmp/long; printf "\\303\\244\\342\\202\\254 %s\\n" $i; sleep 0.07; done',
  'both streams': 'i=0; while [ $i -lt 600 ]; do echo line $i; echo error $i >&2; i=$((i+1)); sleep 0.005; done',
  'no line ends': 'i=0; while [ $i -lt 300 ]; do printf "%s " $i; i=$((i+1)); sleep 0.01; done',
  'a line that is open for long': 'printf "so far"; sleep 7; echo " so good"',
} as const

/** Nobody knows the bytes beforehand: the container leaves their hash beside its log. */
const hashed = (line: string): string =>
  `{ ${line}; } | busybox tee /tmp/copy; busybox sha256sum < /tmp/copy > $MESOS_SANDBOX/sum; busybox wc -c < /tmp/copy >> $MESOS_SANDBOX/sum`
const errors = Array.from({ length: 600 }, (_, i) => `error ${i}\n`).join('')

function fileOf (agent: TestAgent, { frameworkId }: TestFramework, taskId: string, name: string): string {
  return join(sandboxOf(agent.workDir, frameworkId, taskId), name)
}

async function sha256 (path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** Runs all writers, strikes while they write, and compares what is in the sandboxes with what they wrote. */
async function assertWhole (agent: TestAgent, strikes: ReadonlyArray<() => unknown>): Promise<void> {
  const framework = await agent.subscribe()
  const image = await ensureBusybox(socket)
  const kinds = Object.keys(writers) as Array<keyof typeof writers>
  const ids = kinds.map(kind => kind.replaceAll(' ', '-'))
  await framework.launch(...kinds.map((kind, at) => ({ id: ids[at] ?? '', image, shell: hashed(writers[kind]), mem: 64 })))
  for (const id of ids) await framework.until(id, 'TASK_RUNNING')
  for (const strike of strikes) {
    await delay(700)
    await strike()
  }
  for (const id of ids) assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
  await nothingLeft(socket, agent.instanceId)
  for (const [at, id] of ids.entries()) {
    const [sum, , wrote] = (await readFile(fileOf(agent, framework, id, 'sum'), 'utf8')).split(/\s+/)
    const { size: has } = statSync(fileOf(agent, framework, id, 'stdout'))
    assert.equal(await sha256(fileOf(agent, framework, id, 'stdout')), sum, `${kinds[at]}: wrote ${wrote}, the sandbox has ${has} bytes`)
  }
  assert.equal(await readFile(fileOf(agent, framework, 'both-streams', 'stderr'), 'utf8'), errors)
  assert.equal(await agent.metric('slipway_log_gaps_total'), 0)
}

test('log workers that die under containers of all kinds lose and double nothing', { skip, timeout: 120_000 }, async () => {
  using threads = recordThreads()
  await using agent = await startTestAgent(socket)
  const kill = (): Promise<void> => threads.terminate('logs')
  await assertWhole(agent, [kill, kill, kill])
  assert.equal(await agent.metric('slipway_worker_replacements_total{pool="logs",why="died"}'), 3)
})

test('streams that are cut, live ones and logs, lose and double nothing', { skip, timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-proxy-'))
  await using proxy = await startCuttingProxy(socket, join(folder, 'engine.sock'))
  await using agent = await startTestAgent(proxy.socket)
  const cut = (call: 'attach' | 'logs') => async (): Promise<void> => { await eventually(() => proxy.cut(call) > 0, { reason: `that ${call} is open` }) }
  await assertWhole(agent, [cut('attach'), cut('logs'), cut('attach'), cut('logs')])
  rmSync(folder, { recursive: true })
})

test('a log that the engine has rotated many times is still counted to the byte', { skip, timeout: 120_000 }, async () => {
  using threads = recordThreads()
  await using agent = await startTestAgent(socket, { logMaxSize: '200k', logMaxFile: 4 })
  const framework = await agent.subscribe()
  const image = await ensureBusybox(socket)
  // More than a megabyte in the engine's log, which keeps half of it.
  const chatty = 'i=0; while [ $i -lt 40 ]; do yes | head -c 2000; echo $i >&2; i=$((i+1)); sleep 0.2; done'
  const [id = ''] = await framework.launch({ image, shell: hashed(chatty) })
  await framework.until(id, 'TASK_RUNNING')
  await delay(5_000)
  await threads.terminate('logs')
  assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
  await nothingLeft(socket, agent.instanceId)
  assert.equal(await agent.metric('slipway_log_gaps_total'), 0)
  const stdout = await readFile(fileOf(agent, framework, id, 'stdout'), 'latin1')
  assert.equal(stdout.length, 80_000)
  assert.ok(stdout === 'y\n'.repeat(40_000))
})

test('long lines in a log that the engine rotates while it is followed are there once', { skip, timeout: 120_000 }, async () => {
  using threads = recordThreads()
  await using agent = await startTestAgent(socket, { logMaxSize: '1m', logMaxFile: 5 })
  const framework = await agent.subscribe()
  const image = await ensureBusybox(socket)
  const long = 'for i in $(seq 60); do head -c 75000 /dev/urandom | busybox base64 -w 0; printf "\\n"; sleep 0.2; done'
  const ids = await framework.launch(...[1, 2, 3].map(() => ({ image, shell: hashed(long), mem: 64 })))
  for (const id of ids) await framework.until(id, 'TASK_RUNNING')
  for (let deaths = 0; deaths < 3; deaths++) {
    await threads.terminate('logs')
    await delay(3_000)
  }
  for (const id of ids) assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
  await nothingLeft(socket, agent.instanceId)
  for (const id of ids) {
    const [sum, , wrote] = (await readFile(fileOf(agent, framework, id, 'sum'), 'utf8')).split(/\s+/)
    const { size: has } = statSync(fileOf(agent, framework, id, 'stdout'))
    assert.equal(await sha256(fileOf(agent, framework, id, 'stdout')), sum, `wrote ${wrote}, the sandbox has ${has} bytes`)
  }
  assert.equal(await agent.metric('slipway_log_gaps_total'), 0)
})

interface Found { readonly Id: string }

/** The engine keeps a log of this driver there, and tells nobody. */
async function logPathOf (id: string): Promise<string> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`slipway.task=${id}`] }))
  const [{ Id = '' } = {}] = await askEngine<Found[]>(socket, `GET /containers/json?filters=${filters}`)
  const { DockerRootDir } = await askEngine<{ DockerRootDir: string }>(socket, 'GET /info')
  return join(DockerRootDir, 'containers', Id, 'local-logs', 'container.log')
}

test('a log in which the engine has an entry that it wrote in part: that is marked, and what comes is read live', { skip, timeout: 120_000 }, async () => {
  using threads = recordThreads()
  await using agent = await startTestAgent(socket)
  const framework = await agent.subscribe()
  const image = await ensureBusybox(socket)
  const [id = ''] = await framework.launch({ image, shell: 'i=0; while [ $i -lt 100 ]; do echo line $i; i=$((i+1)); sleep 0.1; done' })
  const stdout = (): Promise<string> => readFile(fileOf(agent, framework, id, 'stdout'), 'utf8')
  await framework.until(id, 'TASK_RUNNING')
  await eventually(async () => { assert.match(await stdout(), /line 5\n/) })
  const log = await logPathOf(id)
  truncateSync(log, statSync(log).size - 5)
  await eventually(async () => { assert.match(await stdout(), /line 9\n/) })
  await threads.terminate('logs')
  assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
  await nothingLeft(socket, agent.instanceId)
  const [before = '', after = '', ...more] = (await stdout()).split(/\n\[slipway\] \S+ the engine cannot read its log: output may be missing\n/)
  assert.equal(more.length, 0)
  assert.match(before, /^line 0\n(?:line \d+\n)*line \d+\n$/)
  assert.match(after, /^line \d+\n(?:line \d+\n)*line 99\n$/)
  const seen = [...`${before}${after}`.matchAll(/line (\d+)/g)].map(([, number]) => Number(number))
  assert.deepEqual(seen, [...new Set(seen)].sort((a, b) => a - b))
  assert.ok(seen.length > 50, `${seen.length} of 100 lines`)
  assert.equal(await agent.metric('slipway_log_gaps_total'), 1)
})

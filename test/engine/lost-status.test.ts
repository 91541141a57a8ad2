import assert from 'node:assert/strict'
import { constants, existsSync } from 'node:fs'
import { open, writeFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openEngine } from '../../src/engine/docker-engine.ts'
import { sandboxOf } from '../support/agent-places.ts'
import { eventually } from '../support/eventually.ts'
import { ensureBusybox } from '../support/images.ts'
import { startOwnAgent, type OwnAgent } from '../support/own-agent.ts'
import { startPrivateEngine, type PrivateEngine } from '../support/private-engine.ts'
import { needsPrivateEngine } from '../support/requires.ts'
import type { TestFramework } from '../support/test-framework.ts'

const { skip } = needsPrivateEngine()
const lost = 'Failed to get exit status of container: the engine died before it had written it down'

let engine: PrivateEngine
let agent: OwnAgent
let framework: TestFramework
let image: string

before(async () => {
  if (skip !== false) return
  engine = await startPrivateEngine()
  image = await ensureBusybox(engine.socket)
  agent = await startOwnAgent(engine.socket)
  framework = await agent.subscribe()
})

after(async () => {
  if (skip !== false) return
  await agent[Symbol.asyncDispose]()
  await engine[Symbol.asyncDispose]()
})

interface Ending { readonly id: string, readonly engineId: string, end (): Promise<void> }

/** A task that ends with this status when it is told to. */
async function start (status: number): Promise<Ending> {
  const [id = ''] = await framework.launch({ image, shell: `while [ ! -e $MESOS_SANDBOX/go ]; do sleep 0.1; done; exit ${status}` })
  await framework.until(id, 'TASK_RUNNING')
  const listed = await openEngine({ socketPath: engine.socket }).list('slipway.task', AbortSignal.timeout(10_000))
  const go = join(sandboxOf(agent.workDir, framework.frameworkId, id), 'go')
  return { id, engineId: listed.find(({ labels }) => labels['slipway.task'] === id)?.id ?? '', end: () => writeFile(go, '') }
}

/** As long as somebody may write to its log, the engine that has taken note of its end does not write that down. */
async function holdLog (engineId: string): Promise<FileHandle> {
  return await open(join(engine.place.folder, 'docker-state/containerd', engineId, 'init-stdout'), constants.O_WRONLY | constants.O_NONBLOCK)
}

/** Back when containerd has handed its status out, and forgotten it. */
async function isTaken (engineId: string): Promise<void> {
  const bundle = join(engine.place.folder, 'containerd-state/io.containerd.runtime.v2.task/moby', engineId)
  await eventually(() => !existsSync(bundle), { everyMs: 5, withinMs: 30_000 })
}

for (const dies of ['the engine', 'the engine and the agent'] as const) {
  test(`the status of a container is lost when ${dies} dies with it, and that is told`, { skip, timeout: 120_000 }, async () => {
    const { id, engineId, end } = await start(3)
    const log = await holdLog(engineId)
    try {
      await end()
      await isTaken(engineId)
      await Promise.all([engine.kill9(), ...dies === 'the engine' ? [] : [agent.kill('SIGKILL')]])
    } finally {
      await log.close()
    }
    await engine.startEngine()
    if (agent.hasEnded()) {
      await agent.start()
      framework = await agent.subscribe({ id: { value: framework.frameworkId } })
    }
    const { state, message, labels } = await framework.end(id)
    assert.deepEqual([state, message], ['TASK_FAILED', lost])
    assert.deepEqual(labels, { labels: [{ key: 'slipway.error_code', value: 'EXIT_STATUS_LOST' }] })
  })
}

test('a container that outlives its engine and then ends with 255 has ended with 255, whether an agent saw it or not', { skip, timeout: 120_000 }, async () => {
  const seen = await start(255)
  const unseen = await start(255)
  await engine.kill9()
  await engine.startEngine()
  await seen.end()
  assert.equal((await framework.end(seen.id)).message, 'Container exited with status 255')
  await agent.kill('SIGKILL')
  await unseen.end()
  await isTaken(unseen.engineId)
  await agent.start()
  framework = await agent.subscribe({ id: { value: framework.frameworkId } })
  assert.equal((await framework.end(unseen.id)).message, 'Container exited with status 255')
})

test('so has one whose engine dies when it has written that down', { skip, timeout: 120_000 }, async () => {
  const { id, engineId, end } = await start(255)
  await agent.kill('SIGKILL')
  await end()
  const client = openEngine({ socketPath: engine.socket })
  await eventually(async () => (await client.inspect(engineId, AbortSignal.timeout(10_000)))?.status === 'exited', { withinMs: 30_000 })
  await engine.kill9()
  await engine.startEngine()
  await agent.start()
  framework = await agent.subscribe({ id: { value: framework.frameworkId } })
  assert.equal((await framework.end(id)).message, 'Container exited with status 255')
})

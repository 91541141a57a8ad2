import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openEngine } from '../../src/engine/docker-engine.ts'
import { instanceOf } from '../support/agent-places.ts'
import { containedIn, processesOf } from '../support/engine-place.ts'
import { eventually } from '../support/eventually.ts'
import { holdPoints, makeHoldingRuntime, type HoldingRuntime, type HoldPoint } from '../support/holding-runtime.ts'
import { ensureBusybox } from '../support/images.ts'
import { nothingLeft } from '../support/nothing-left.ts'
import { startOwnAgent, type OwnAgent } from '../support/own-agent.ts'
import { startPrivateEngine, type PrivateEngine } from '../support/private-engine.ts'
import { needsPrivateEngine } from '../support/requires.ts'

const { skip } = needsPrivateEngine()

let runtime: HoldingRuntime
let engine: PrivateEngine
let image: string

before(async () => {
  if (skip !== false) return
  runtime = makeHoldingRuntime()
  engine = await startPrivateEngine({ runtime: runtime.path })
  image = await ensureBusybox(engine.socket)
})

after(async () => {
  if (skip !== false) return
  await engine[Symbol.asyncDispose]()
  runtime[Symbol.dispose]()
})

/** A task whose start is held there; its container, as the engine has it. */
async function startHeld (agent: OwnAgent, point: HoldPoint) {
  const framework = await agent.subscribe()
  runtime.hold(point)
  const [id = ''] = await framework.launch({ image, shell: 'while :; do sleep 0.1; done' })
  await runtime.isHeld()
  const listed = await openEngine({ socketPath: engine.socket }).list('slipway.task', AbortSignal.timeout(10_000))
  return { framework, id, engineId: listed.find(({ labels }) => labels['slipway.task'] === id)?.id ?? 'no such container' }
}

/** Its processes, its shim and what that was about to run, its cgroups, what containerd has on it. */
function leftOf (engineId: string): string[] {
  const commands = processesOf(engine.place).map(pid => execFileSync('ps', ['-o', 'pid=,args=', '-p', `${pid}`], { encoding: 'utf8' }))
  const cgroups = execFileSync('find', ['/sys/fs/cgroup', '-maxdepth', '4', '-name', engineId], { encoding: 'utf8' })
  const bundles = readdirSync(join(engine.place.folder, 'containerd-state/io.containerd.runtime.v2.task/moby')).filter(name => name === engineId)
  return [...containedIn(engine.place), ...commands.filter(command => command.includes(engineId)), ...cgroups.split('\n').slice(0, -1), ...bundles]
}

for (const point of holdPoints) {
  test(`an engine that dies ${point} of a container leaves no process of it, no shim and no cgroup`, { skip, timeout: 120_000 }, async () => {
    await using agent = await startOwnAgent(engine.socket)
    const { framework, id, engineId } = await startHeld(agent, point)
    await engine.kill9()
    await engine.startEngine()
    const { state, message } = await framework.end(id)
    assert.equal(state, 'TASK_FAILED')
    assert.match(message ?? '', /start failed: the engine did not answer start/)
    runtime.release()
    await nothingLeft(engine.socket, instanceOf(agent.workDir))
    await eventually(() => { assert.deepEqual(leftOf(engineId), []) }, { withinMs: 30_000 })
  })
}

for (const point of ['after create', 'after start'] as const) {
  test(`the same ${point}, when the agent dies as well`, { skip, timeout: 120_000 }, async () => {
    await using agent = await startOwnAgent(engine.socket)
    const { framework, id, engineId } = await startHeld(agent, point)
    await Promise.all([agent.kill('SIGKILL'), engine.kill9()])
    await engine.startEngine()
    await agent.start()
    const again = await agent.subscribe({ id: { value: framework.frameworkId } })
    assert.equal((await again.end(id)).state, 'TASK_FAILED')
    runtime.release()
    await nothingLeft(engine.socket, instanceOf(agent.workDir))
    await eventually(() => { assert.deepEqual(leftOf(engineId), []) }, { withinMs: 30_000 })
  })
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { startOwnAgent } from '../support/own-agent.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { sayings } from './crash/updates.ts'

const [small, large] = [{ cpus: 0.5, mem: 64 }, { cpus: 1, mem: 128 }] as const

for (const [before, after] of [[small, large], [large, small]] as const) {
  for (const how of ['hang', 'late'] as const) {
    const told = `an update from ${before.mem} to ${after.mem} MB, which the engine ${how === 'hang' ? 'has not done' : 'does, and tells late'}`
    test(`${told} when the agent is told to end: the next run has the side with more memory`, { timeout: 120_000 }, async () => {
      await using engine = await startSimEngine()
      await using agent = await startOwnAgent(engine.socket)
      const framework = await agent.subscribe()
      const [id = ''] = await framework.launch({ shell: 'sleep 1000', ...before })
      await framework.until(id, 'TASK_RUNNING')
      if (how === 'hang') await engine.fault('update', 'hang')
      else await engine.fault('update', 'late', { ms: 3_000, when: 'after' })
      agent.post('/slipway/v1/update', { task_id: id, ...after }).catch(() => {})
      await eventually(async () => (await engine.calls()).some(({ call }) => call === 'update'), { reason: 'that the engine is asked' })
      assert.equal(await agent.kill('SIGTERM'), 0)
      await engine.mend()
      await engine.release()

      await agent.start()
      await eventually(async () => {
        const wanted = { agent: large, task: large, engine: { memory: large.mem << 20, shares: 1024 } }
        assert.deepEqual(await sayings({ agent, engine }, [id]), wanted)
      }, { withinMs: 30_000 })
      const again = await agent.subscribe({ id: { value: framework.frameworkId } })
      await again.kill(id, 0)
      assert.equal((await again.end(id)).state, 'TASK_KILLED')
    })
  }
}

for (const [before, after] of [[small, large], [large, small]] as const) {
  const told = `an update from ${before.mem} to ${after.mem} MB is given up before the engine does it`

  test(`${told}: it is undone, and another one waits for that`, { timeout: 120_000 }, async () => {
    await using engine = await startSimEngine()
    await using agent = await startOwnAgent(engine.socket, { updateTimeout: '3s' })
    const framework = await agent.subscribe()
    const [id = ''] = await framework.launch({ shell: 'sleep 1000', ...before })
    await framework.until(id, 'TASK_RUNNING')
    await engine.fault('update', 'hang', { times: 1 })
    const update = async (amounts: object): Promise<{ status: number, text: string }> => await agent.post('/slipway/v1/update', { task_id: id, ...amounts })
    assert.match((await update(after)).text, /took over 3 s/)
    const refused = await update({ mem: 256 })
    assert.equal(refused.status, 409)
    assert.match(refused.text, /the engine has not answered yet/)
    await engine.release()
    await eventually(async () => (await update({ mem: 256 })).status === 200, { reason: 'that the late update is undone' })
    const wanted = { agent: { ...before, mem: 256 }, task: { ...before, mem: 256 }, engine: { memory: 256 << 20, shares: before.cpus * 1024 } }
    assert.deepEqual(await sayings({ agent, engine }, [id]), wanted)
    await framework.kill(id, 0)
    assert.equal((await framework.end(id)).state, 'TASK_KILLED')
  })

  test(`${told}, and the agent dies before that: the next run has the side with more memory`, { timeout: 120_000 }, async () => {
    await using engine = await startSimEngine()
    await using agent = await startOwnAgent(engine.socket, { updateTimeout: '3s' })
    const framework = await agent.subscribe()
    const [id = ''] = await framework.launch({ shell: 'sleep 1000', ...before })
    await framework.until(id, 'TASK_RUNNING')
    await engine.fault('update', 'hang', { times: 1 })
    assert.match((await agent.post('/slipway/v1/update', { task_id: id, ...after })).text, /took over 3 s/)
    await agent.kill('SIGKILL')
    await engine.release()
    await agent.start()
    const wanted = { agent: large, task: large, engine: { memory: large.mem << 20, shares: 1024 } }
    await eventually(async () => { assert.deepEqual(await sayings({ agent, engine }, [id]), wanted) }, { withinMs: 30_000 })
    const again = await agent.subscribe({ id: { value: framework.frameworkId } })
    await again.kill(id, 0)
    assert.equal((await again.end(id)).state, 'TASK_KILLED')
  })
}

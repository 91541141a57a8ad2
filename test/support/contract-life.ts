import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { openBench, patience, type Contract } from './contract-bench.ts'

const refused = { name: 'AgentError', code: 'ENGINE_REFUSED' }
const commandNotFound = { name: 'AgentError', code: 'COMMAND_NOT_FOUND' }
/** Runs until it is told to end, and ends with 5 then. */
const obedient = "trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done"
const stubborn = "trap '' TERM; echo ready; while :; do sleep 0.05; done"

/** What holds of containers from create to remove. */
export const lifeContract: Contract = {
  async 'the engine answers a ping and tells its version' (subject) {
    await subject().engine.ping(patience())
    assert.match(await subject().engine.version(patience()), /^\d+\.\d+/)
  },

  async 'a container is created, runs, and keeps the exit code of its command' (subject) {
    const { engine } = subject()
    await using bench = await openBench(subject())
    const id = await bench.create('exit 7')
    const created = await engine.inspect(id, patience())
    assert.deepEqual([created?.id, created?.status, created?.running, created?.pid], [id, 'created', false, 0])
    await engine.start(id, patience())
    const exited = await bench.inspected(id, ({ status }) => status === 'exited')
    assert.deepEqual([exited.running, exited.pid, exited.exitCode, exited.oomKilled, exited.error], [false, 0, 7, false, ''])
  },

  async 'a running container has a pid and its limits' (subject) {
    await using bench = await openBench(subject())
    const id = await bench.run(obedient)
    const { pid, document } = await bench.inspected(id, ({ running }) => running)
    assert.ok(pid > 0)
    assert.equal((JSON.parse(document) as { HostConfig: { Memory: number } }).HostConfig.Memory, 64 << 20)
  },

  async 'limits are changed up and down, of a container that runs as of one that does not yet' (subject) {
    const { engine } = subject()
    await using bench = await openBench(subject())
    for (const id of [await bench.run(obedient), await bench.create(obedient)]) {
      for (const [cpus, memMb] of [[0.5, 256], [0.25, 32]] as const) {
        await engine.update(id, { cpus, memBytes: memMb << 20 }, patience())
        const { document } = await bench.inspected(id, () => true)
        const { HostConfig: now } = JSON.parse(document) as { HostConfig: { Memory: number, CpuShares: number } }
        assert.deepEqual([now.Memory >> 20, now.CpuShares], [memMb, cpus * 1024])
      }
    }
    await assert.rejects(engine.update(randomUUID(), { cpus: 1, memBytes: 64 << 20 }, patience()), refused)
  },

  async 'a container that runs can be started again, without effect' (subject) {
    const { engine } = subject()
    await using bench = await openBench(subject())
    const id = await bench.create(obedient)
    await engine.start(id, patience())
    await engine.start(id, patience())
    assert.equal((await engine.inspect(id, patience()))?.running, true)
  },

  async 'a name that is taken is refused' (subject) {
    const { engine } = subject()
    await using bench = await openBench(subject())
    const spec = bench.spec('exit 0')
    await engine.create(spec, patience())
    await assert.rejects(engine.create(spec, patience()), refused)
  },

  async 'an image that the engine does not have cannot be made a container of' (subject) {
    await using bench = await openBench(subject())
    const spec = bench.spec('exit 0', { image: 'slipway-test/nowhere:1' })
    await assert.rejects(subject().engine.create(spec, patience()), { name: 'AgentError', code: 'IMAGE_NOT_FOUND' })
  },

  async 'a command that cannot be executed fails the start' (subject) {
    const { engine } = subject()
    await using bench = await openBench(subject())
    for (const argv of [['slipway-no-such-program', 'word'], ['/slipway/no/such/program'], ['/etc']]) {
      const id = await bench.create({ kind: 'argv', argv })
      await assert.rejects(engine.start(id, patience()), commandNotFound)
      const inspected = await engine.inspect(id, patience())
      assert.equal(inspected?.running, false)
      assert.notEqual(inspected.error, '')
    }
  },

  async 'a container that does not exist cannot be started, and inspect says undefined' (subject) {
    const { engine } = subject()
    await assert.rejects(engine.start(randomUUID(), patience()), { name: 'AgentError' })
    assert.equal(await engine.inspect(randomUUID(), patience()), undefined)
  },

  async 'SIGTERM reaches the command, which chooses its exit code' (subject) {
    const { engine } = subject()
    await using bench = await openBench(subject())
    const id = await bench.run(obedient)
    await engine.kill(id, 'SIGTERM', patience())
    const { exitCode } = await bench.inspected(id, ({ status }) => status === 'exited')
    assert.equal(exitCode, 5)
  },

  async 'a command that ignores SIGTERM goes on, and SIGKILL ends it with 137' (subject) {
    const { engine } = subject()
    await using bench = await openBench(subject())
    const id = await bench.run(stubborn)
    await engine.kill(id, 'SIGTERM', patience())
    assert.equal((await engine.inspect(id, patience()))?.running, true)
    await engine.kill(id, 'SIGKILL', patience())
    const { exitCode } = await bench.inspected(id, ({ status }) => status === 'exited')
    assert.equal(exitCode, 137)
  },

  async 'a kill of what does not run is no error: created, exited or not there' (subject) {
    const { engine } = subject()
    await using bench = await openBench(subject())
    const id = await bench.create('exit 0')
    await engine.kill(id, 'SIGKILL', patience())
    await engine.start(id, patience())
    await bench.inspected(id, ({ status }) => status === 'exited')
    await engine.kill(id, 'SIGTERM', patience())
    await engine.kill(`slipway-contract-${randomUUID()}`, 'SIGKILL', patience())
  },

  async 'a container is removed by its name, running or not, and once is as good as twice' (subject) {
    const { engine } = subject()
    await using bench = await openBench(subject())
    for (const isRunning of [false, true]) {
      const spec = bench.spec(stubborn)
      const id = await engine.create(spec, patience())
      if (isRunning) await engine.start(id, patience())
      await engine.remove(spec.name, patience())
      await engine.remove(spec.name, patience())
      assert.equal(await engine.inspect(id, patience()), undefined)
    }
  },

  async 'removals of one container at the same time all end without error' (subject) {
    const { engine } = subject()
    await using bench = await openBench(subject())
    const id = await bench.run(stubborn)
    await Promise.all([1, 2, 3].map(() => engine.remove(id, patience())))
    assert.deepEqual(await engine.list(bench.label, patience()), [])
  },

  async 'the list holds the containers of a label and no others, in whatever state' (subject) {
    const { engine } = subject()
    await using mine = await openBench(subject())
    await using others = await openBench(subject())
    await others.create('exit 0')
    const spec = mine.spec('exit 3')
    const created = await engine.create(spec, patience())
    const exited = await mine.create('exit 3')
    await engine.start(exited, patience())
    await mine.inspected(exited, ({ status }) => status === 'exited')
    const listed = await engine.list(mine.label, patience())
    assert.deepEqual(new Map(listed.map(({ id, state }) => [id, state])), new Map([[created, 'created'], [exited, 'exited']]))
    const row = listed.find(({ id }) => id === created)
    assert.deepEqual([row?.name, row?.labels['slipway.container']], [spec.name, spec.containerId])
    assert.ok(Math.abs((row?.createdAt ?? 0) - Date.now() / 1000) < 60)
  },

  async 'a label without a value lists all who carry it' (subject) {
    const { engine } = subject()
    await using bench = await openBench(subject())
    const key = `slipway-contract-${randomUUID()}`
    const ids: string[] = []
    for (const value of ['a', 'b']) ids.push(await engine.create(bench.spec('exit 0', { labels: { [key]: value } }), patience()))
    const listed = await engine.list(key, patience())
    for (const { id } of listed) await engine.remove(id, patience())
    assert.deepEqual(new Set(listed.map(({ id }) => id)), new Set(ids))
  },

  async 'a call whose signal has aborted throws the reason' (subject) {
    const { engine } = subject()
    const reason = new Error('enough')
    await assert.rejects(engine.inspect(randomUUID(), AbortSignal.abort(reason)), reason)
    await assert.rejects(engine.list('slipway', AbortSignal.abort(reason)), reason)
  },
}

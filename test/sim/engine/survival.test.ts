import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { openEngine, openEngineStreams } from '../../../src/engine/docker-engine.ts'
import { openBench, patience } from '../../support/contract-bench.ts'
import { eventually } from '../../support/eventually.ts'
import { startSimEngine } from '../../support/sim-engine.ts'

test('containers and images outlive the engine that is killed', async () => {
  await using sim = await startSimEngine({ images: ['slipway-test/busybox:1'] })
  await sim.addRemoteImage('registry.test:5000/app:3')
  const address = { socketPath: sim.socket }
  const engine = openEngine(address)
  const streams = openEngineStreams(address)
  await using bench = await openBench({ engine, streams, image: 'slipway-test/busybox:1' })
  await streams.pull('registry.test:5000/app:3', () => {}, patience())
  const [created, running] = [await bench.create('exit 0'), await bench.create('sleep 100')]
  const [ended, removed] = [await bench.create('sleep 0.3; exit 4'), await bench.create('exit 0')]
  for (const id of [running, ended]) await engine.start(id, patience())
  await engine.remove(removed, patience())

  await sim.kill()
  await assert.rejects(engine.version(patience()), { code: 'ENGINE_DOWN' })
  await sim.restart()

  assert.equal(await engine.hasImage('registry.test:5000/app:3', patience()), true)
  assert.equal((await engine.inspect(created, patience()))?.status, 'created')
  assert.equal((await engine.inspect(running, patience()))?.running, true)
  assert.equal((await bench.inspected(ended, ({ status }) => status === 'exited')).exitCode, 4)
  assert.equal(await engine.inspect(removed, patience()), undefined)
})

test('an engine that is paused does not answer, and goes on where it was', async () => {
  await using sim = await startSimEngine()
  const engine = openEngine({ socketPath: sim.socket })
  await engine.version(patience())
  sim.pause()
  await assert.rejects(engine.version(AbortSignal.timeout(50)), { name: 'TimeoutError' })
  sim.resume()
  await engine.version(patience())
})

test('the engine ends with the process that started it, and leaves no folder', async () => {
  const script = `
    const { startSimEngine } = await import(${JSON.stringify(new URL('../../support/sim-engine.js', import.meta.url).href)})
    const sim = await startSimEngine()
    console.log(JSON.stringify({ pid: sim.pid(), socket: sim.socket }))`
  const starter = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(starter, 'exit')
  const [line] = await once(starter.stdout, 'data') as [Buffer]
  const { pid, socket } = JSON.parse(line.toString()) as { pid: number, socket: string }
  assert.equal(isAlive(pid), true)
  starter.kill('SIGKILL')
  await exited
  await eventually(() => !isAlive(pid), { reason: 'the end of the engine' })
  assert.equal(existsSync(socket), false)
})

function isAlive (pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

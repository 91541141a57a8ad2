import assert from 'node:assert/strict'
import { openBench, patience, type Contract } from './contract-bench.ts'

const idle = 'echo ready; sleep 100'
const shell = (line: string, environment: Record<string, string> = {}): { argv: string[], environment: Record<string, string> } =>
  ({ argv: ['/bin/sh', '-c', line], environment })

/** What holds of commands in containers that run. */
export const execContract: Contract = {
  async 'a command in a running container tells its exit code' (subject) {
    const { engine } = subject()
    await using bench = await openBench(subject())
    const id = await bench.run(idle)
    assert.deepEqual(await Promise.all([0, 1, 42].map(code => engine.exec(id, shell(`echo some output; exit ${code}`), patience()))), [0, 1, 42])
    assert.equal((await engine.inspect(id, patience()))?.running, true)
  },

  async 'a command waits for its end, however long its output is' (subject) {
    await using bench = await openBench(subject())
    const id = await bench.run(idle)
    const startedAtMs = performance.now()
    assert.equal(await subject().engine.exec(id, shell('head -c 300000 /dev/zero; sleep 0.3; exit 3'), patience()), 3)
    assert.ok(performance.now() - startedAtMs >= 290)
  },

  async 'a command has its own environment besides the container\'s' (subject) {
    const { engine } = subject()
    await using bench = await openBench(subject())
    const id = await bench.run(idle)
    assert.equal(await engine.exec(id, shell('exit $CODE', { CODE: '7' }), patience()), 7)
  },

  async 'a command that is not in the image ends with an exit code that says so' (subject) {
    await using bench = await openBench(subject())
    const id = await bench.run(idle)
    const exitCode = await subject().engine.exec(id, { argv: ['slipway-no-such-program'], environment: {} }, patience())
    assert.ok([126, 127].includes(exitCode), `${exitCode}`)
  },

  async 'no command runs in a container that does not' (subject) {
    await using bench = await openBench(subject())
    const id = await bench.create('exit 0')
    await assert.rejects(subject().engine.exec(id, shell('exit 0'), patience()), { name: 'AgentError', code: 'ENGINE_REFUSED' })
  },

  async 'a signal ends the waiting for a command, and the container goes on' (subject) {
    const { engine } = subject()
    await using bench = await openBench(subject())
    const id = await bench.run(idle)
    const reason = new Error('enough')
    const abort = new AbortController()
    const waiting = engine.exec(id, shell('sleep 50'), abort.signal)
    setTimeout(() => { abort.abort(reason) }, 200)
    await assert.rejects(waiting, reason)
    assert.equal((await engine.inspect(id, patience()))?.running, true)
  },
}

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { openBench, patience, type Contract } from './contract-bench.ts'
import { readOutput } from './engine-output.ts'

/** What holds of a container's output. */
export const attachContract: Contract = {
  async 'an attach before the start gets every byte of both streams, and ends with the container' (subject) {
    const { engine, streams } = subject()
    await using bench = await openBench(subject())
    const id = await bench.create('echo out; echo err >&2; seq 20000; echo -n end; exit 3')
    const output = readOutput(await streams.attach(id, patience()))
    await engine.start(id, patience())
    const { stdout, stderr } = await output
    const numbers = Array.from({ length: 20_000 }, (_, i) => `${i + 1}\n`).join('')
    assert.equal(stdout, `out\n${numbers}end`)
    assert.equal(stderr, 'err\n')
    assert.equal((await bench.inspected(id, ({ running }) => !running)).exitCode, 3)
  },

  async 'not one of many short outputs is lost' (subject) {
    const { engine, streams } = subject()
    await using bench = await openBench(subject())
    for (let i = 0; i < 5; i++) {
      const id = await bench.create({ kind: 'argv', argv: ['echo', `number ${i}`] })
      const output = readOutput(await streams.attach(id, patience()))
      await engine.start(id, patience())
      assert.deepEqual(await output, { stdout: `number ${i}\n`, stderr: '' })
      await engine.remove(id, patience())
    }
  },

  async 'a shell command sees its environment, the words of another are left alone' (subject) {
    const { engine, streams } = subject()
    await using bench = await openBench(subject())
    const environment = { GREETING: 'good day = 1; $HOME' }
    const commands = [{ kind: 'shell', line: 'echo "$GREETING"' }, { kind: 'argv', argv: ['echo', '$GREETING', 'a  b'] }] as const
    const outputs: string[] = []
    for (const command of commands) {
      const id = await engine.create(bench.spec(command, { environment }), patience())
      const output = readOutput(await streams.attach(id, patience()))
      await engine.start(id, patience())
      outputs.push((await output).stdout)
    }
    assert.deepEqual(outputs, ['good day = 1; $HOME\n', '$GREETING a  b\n'])
  },

  async 'an attach ends when the container is killed' (subject) {
    const { engine, streams } = subject()
    await using bench = await openBench(subject())
    const id = await bench.create('echo begun; while :; do sleep 0.05; done')
    const output = readOutput(await streams.attach(id, patience()))
    await engine.start(id, patience())
    await engine.kill(id, 'SIGKILL', patience())
    assert.match((await output).stdout, /^(begun\n)?$/)
  },

  async 'an attach ends when the container cannot be started' (subject) {
    const { engine, streams } = subject()
    await using bench = await openBench(subject())
    const id = await bench.create({ kind: 'argv', argv: ['slipway-no-such-program'] })
    const output = readOutput(await streams.attach(id, patience()))
    await assert.rejects(engine.start(id, patience()))
    assert.deepEqual(await output, { stdout: '', stderr: '' })
  },

  async 'an attach that is destroyed ends at once, and the container goes on' (subject) {
    const { engine, streams } = subject()
    await using bench = await openBench(subject())
    const id = await bench.create('while :; do echo more; sleep 0.02; done')
    const stream = await streams.attach(id, patience())
    await engine.start(id, patience())
    await once(stream, 'data')
    const closed = once(stream, 'close')
    stream.destroy()
    await closed
    assert.equal((await engine.inspect(id, patience()))?.running, true)
  },

  async 'an attach to what is not there is refused' (subject) {
    await assert.rejects(subject().streams.attach(randomUUID(), patience()), { name: 'AgentError', code: 'ENGINE_REFUSED' })
  },

  async 'an attach whose signal has aborted throws the reason' (subject) {
    await using bench = await openBench(subject())
    const id = await bench.create('exit 0')
    const reason = new Error('enough')
    await assert.rejects(subject().streams.attach(id, AbortSignal.abort(reason)), reason)
  },
}

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { noTerminal } from '../support/cli-process.ts'
import { slowImage, startCliGround, type CliGround } from '../support/cli-ground.ts'
import { eventually } from '../support/eventually.ts'

let ground: CliGround
before(async () => { ground = await startCliGround() })
after(() => ground[Symbol.asyncDispose]())

/** What is sent within half a second counts as one keystroke. */
const anotherKeystrokeMs = 700

async function pulling (): Promise<void> {
  const isUnderWay = async (): Promise<boolean> => (await ground.engine.calls()).some(({ call, isOpen }) => call === 'pull' && isOpen)
  await eventually(isUnderWay, { withinMs: 20_000, reason: 'a pull is under way' })
}

test('Ctrl-C before the offer ends 130: there is no task', async () => {
  const run = ground.cli.start('run', '--image', 'busybox', '--cpus', '1000', '--', 'true')
  await run.said(/waiting for an offer that fits; asked for cpus 1000/)
  run.kill('SIGINT')
  const { code, stderr } = await run.ended
  assert.equal(code, 130)
  assert.match(stderr, /interrupted before the task was launched/)
})

test('Ctrl-C while the image is pulled ends 130, and no container is made', async () => {
  const run = ground.cli.start('run', '--image', slowImage, '--', 'true')
  await pulling()
  run.kill('SIGINT')
  const { code, stderr } = await run.ended
  assert.deepEqual([code, stderr], [130, 'slipway: interrupted before the task ran\n'])
  assert.ok(!(await ground.engine.calls()).some(({ call }) => call === 'create'))
})

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} while the task runs kills it, waits for it, and ends with its exit code`, async () => {
    const run = ground.cli.start('run', '--image', 'busybox', '--', 'echo up; sleep 100')
    await run.said(/up/)
    run.kill(signal)
    const { code, stderr } = await run.ended
    assert.equal(code, 143)
    assert.match(stderr, /TASK_KILLED: Container exited with status 143 \(SIGTERM\)/)
    await ground.empty()
  })
}

test('a task that has begun ends with its grace and its exit code, also where the engine has not answered its start', async () => {
  await ground.engine.fault('start', 'late', { times: 1, when: 'after', ms: 20_000 })
  const run = ground.cli.start('run', '--image', 'busybox', '--', 'echo up; sleep 100')
  await run.said(/up/)
  run.kill('SIGTERM')
  const { code, stderr } = await run.ended
  await ground.engine.mend()
  assert.equal(code, 143)
  assert.match(stderr, /Container exited with status 143 \(SIGTERM\)/)
  await ground.empty()
})

test('a second Ctrl-C leaves at once, and the agent ends the task by itself', async () => {
  const run = ground.cli.start('run', '--image', 'busybox', '--', 'trap "" TERM; echo up; sleep 100')
  await run.said(/up/)
  run.kill('SIGINT')
  await wait(anotherKeystrokeMs)
  run.kill('SIGINT')
  const { code, stderr } = await run.ended
  assert.deepEqual([code, stderr], [130, 'slipway: left while the task was being killed; the agent goes on with it\n'])
  await ground.empty()
})

test('what only looks on ends by the signal itself, without a word', async () => {
  const run = ground.cli.start('run', '--image', 'busybox', '--name', 'shown', '--', 'while true; do echo up; sleep 1; done')
  await run.said(/up/)
  const [logs, events] = [ground.cli.start('logs', '-f', 'shown'), ground.cli.start('events')]
  await logs.said(/up/)
  await eventually(async () => {
    await ground.cli.run('run', '--image', 'busybox', '--', 'true')
    return events.output() !== ''
  }, { withinMs: 20_000, reason: 'that the events are heard' })
  for (const one of [logs, events]) {
    one.kill('SIGINT')
    const { signal, stderr } = await one.ended
    assert.deepEqual([signal, stderr], ['SIGINT', ''])
  }
  run.kill('SIGINT')
  await run.ended
})

const skip = noTerminal()

test('on a terminal the pull has a bar that is erased, and Ctrl-C is answered', { skip }, async () => {
  const run = ground.cli.terminal('run', '--image', slowImage, '--', 'echo up; sleep 100')
  await run.said(/pull registry\.test\/slow:1 \[=*>? *\] [\d.]+ MB of 8\.0 MB, \d of 1 layers/)
  await run.said(/\x1b\[2Kup/)
  run.type('\x03')
  await run.said(/slipway: killing the task; Ctrl-C again leaves at once/)
  assert.equal((await run.ended).code, 143)
})

test('on a terminal a table is coloured and fits, and NO_COLOR is heard', { skip }, async () => {
  const name = `long-${'x'.repeat(90)}`
  await ground.cli.run('run', '--image', 'busybox', '--name', name, '--', 'true')
  const [coloured, plain] = [await ground.cli.terminal('ps', '-a').ended, await ground.cli.with({ NO_COLOR: '1' }).terminal('ps', '-a').ended]
  assert.match(coloured.stdout, /^\x1b\[1mTASK\x1b\[22m/)
  assert.doesNotMatch(plain.stdout, /\x1b/)
  for (const line of plain.stdout.split('\r\n')) assert.ok(line.length <= 100, line)
})

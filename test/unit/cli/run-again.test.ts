import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { taskFromOptions } from '../../../src/cli/task-info.ts'
import { runTask, type TaskEnd } from '../../../src/cli/task-run.ts'
import { offer, startFakeMaster, type FakeMaster, type FakeMasterOptions } from '../../support/fake-master.ts'

const wish = taskFromOptions({ name: 'it', image: 'i', cpus: 1, mem: 64, net: 'host', shell: true }, ['true'], {})
const exited = (code: number) => ({ labels: { labels: [{ key: 'slipway.exit_code', value: String(code) }] } })
const never = new AbortController().signal

interface Ran { readonly result: PromiseSettledResult<TaskEnd>, readonly stderr: string, readonly master: FakeMaster }

async function ran (options: FakeMasterOptions, stop = never): Promise<Ran> {
  await using master = await startFakeMaster({ offers: [offer(4, 1024)], ...options })
  const [stdout, stderr] = [new PassThrough().resume(), new PassThrough()]
  const said = text(stderr)
  const [result] = await Promise.allSettled([runTask({ url: master.url, token: undefined }, wish, { screen: { stdout, stderr }, stop, leave: never })])
  stderr.end()
  return { result, stderr: await said, master }
}

const endOf = ({ result }: Ran): TaskEnd => {
  if (result.status === 'rejected') throw result.reason
  return result.value
}

for (const way of ['hangUp', 'endEvents'] as const) test(`over a lost connection (${way}) a run comes back and goes on`, async () => {
  const run = await ran({
    onCall (call, master) {
      if (call.type === 'ACCEPT') master.update('TASK_RUNNING')
      if (call.type === 'ACKNOWLEDGE' && master.subscriptions.length === 1) master[way]()
      if (call.type === 'RECONCILE') master.update('TASK_FAILED', exited(7))
    },
  })
  assert.equal(endOf(run).exitCode, 7)
  const { subscriptions, calls } = run.master
  assert.deepEqual(subscriptions.map(({ framework_id: id }) => id?.value), [undefined, 'M-0000'])
  assert.equal(subscriptions[1]?.subscribe?.framework_info.id?.value, 'M-0000')
  assert.deepEqual(calls.find(({ type }) => type === 'RECONCILE')?.reconcile, { tasks: [{ task_id: { value: 'it' }, agent_id: { value: 'M-S0' } }] })
  assert.equal(calls.filter(({ type }) => type === 'ACCEPT').length, 1)
  assert.match(run.stderr, /^slipway: (the connection to )?http\S+ (broke|closed the connection); trying again for 30 s\nslipway: the agent is back\n$/)
})

test('a launch that did not reach the agent is told as lost', async () => {
  const run = await ran({
    onCall (call, master) {
      if (call.type === 'ACCEPT') master.hangUp()
      if (call.type === 'RECONCILE') master.update('TASK_LOST', { reason: 'REASON_RECONCILIATION', message: 'Reconciliation: Task is unknown to the agent' })
    },
  })
  assert.equal(endOf(run).exitCode, 125)
  assert.match(endOf(run).told ?? '', /TASK_LOST.*Task is unknown/)
})

test('what lost its connection before an offer came takes the next one', async () => {
  const run = await ran({
    offers: [],
    onCall (call, master) {
      if (call.type === 'SUBSCRIBE' && master.subscriptions.length === 1) setImmediate(() => { master.hangUp() })
      else if (call.type === 'SUBSCRIBE') master.send({ type: 'OFFERS', offers: { offers: [offer(4, 1024)] } })
      if (call.type === 'ACCEPT') master.update('TASK_FINISHED', exited(0))
    },
  })
  assert.equal(endOf(run).exitCode, 0)
  assert.ok(!run.master.calls.some(({ type }) => type === 'RECONCILE'))
})

test('a kill that was asked for while the agent was away is said again', async () => {
  const stop = new AbortController()
  const run = await ran({
    onCall (call, master) {
      if (call.type === 'ACCEPT') master.update('TASK_RUNNING')
      if (call.type === 'ACKNOWLEDGE' && master.subscriptions.length === 1) {
        master.hangUp()
        stop.abort(new Error('Ctrl-C'))
      }
      if (call.type === 'KILL' && master.subscriptions.length === 2) master.update('TASK_KILLED', exited(143))
    },
  }, stop.signal)
  assert.equal(endOf(run).exitCode, 143)
})

test('a master that does not take the framework back is heard at once', async () => {
  const run = await ran({
    onCall (call, master) {
      if (call.type === 'ACCEPT') master.update('TASK_RUNNING')
      if (call.type === 'ACKNOWLEDGE') master.hangUp()
    },
    onSubscribe: (call, master) => {
      if (call.framework_id !== undefined) master.send({ type: 'ERROR', error: { message: 'Framework has been removed' } })
      return call.framework_id === undefined
    },
  })
  assert.ok(run.result.status === 'rejected')
  assert.match(String(run.result.reason), /refused: Framework has been removed/)
})

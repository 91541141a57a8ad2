import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { deferred } from '../../../../src/base/deferred.ts'
import { newExecutor, type Executor } from '../../../../src/agent/executors/executor.ts'
import { ExecutorTasks } from '../../../../src/agent/executors/executor-tasks.ts'
import { taskBook } from '../../../../src/agent/task-book.ts'
import { forgetful, type Checkpoint } from '../../../../src/store/checkpoint.ts'
import { silentLog } from '../../../../src/base/log.ts'
import { AgentError } from '../../../../src/model/errors.ts'
import type { Container } from '../../../../src/containerizer/container.ts'
import type { ContainerLimits } from '../../../../src/model/container-spec.ts'
import type { v1 } from '../../../../src/wire/messages.ts'
import { scalar, taskInfo } from '../task-infos.ts'

interface Ground {
  readonly tasks: ExecutorTasks
  readonly executor: Executor
  readonly sent: string[]
  readonly told: string[]
  readonly limits: ContainerLimits[]
}

const mb = 2 ** 20

/** An executor that is registered; its container takes the limits that `accept` lets pass. */
function ground (accept: (wanted: ContainerLimits) => boolean = () => true, checkpoint: Checkpoint = forgetful): Ground {
  const [sent, told, limits]: [string[], string[], ContainerLimits[]] = [[], [], []]
  const container = { limits: { cpus: 0.1, memBytes: 64 * mb }, running: { promise: Promise.resolve() }, spec: {} } as unknown as Container
  const framework: v1.FrameworkInfo = { user: 'u', name: 'n', id: { value: 'f' } }
  const info: v1.ExecutorInfo = { executor_id: { value: 'e' }, resources: [scalar('cpus', 0.1), scalar('mem', 64)] }
  const executor = newExecutor({ frameworkId: 'f', executorId: 'e', framework, info, containerId: 'c', container, tokenDigest: 't' })
  executor.state = 'RUNNING'
  executor.link = { send: ({ type, launch, kill }) => { sent.push(`${type} ${(launch?.task ?? kill)?.task_id.value}`) }, close () {} }
  const tasks = new ExecutorTasks({
    containerizer: {
      async update (_container, wanted) {
        await turn()
        if (!accept(wanted)) throw new AgentError('UPDATE_REFUSED', 'no')
        limits.push(wanted)
        container.limits = wanted
      },
    },
    listener: { update () {}, resize () {}, released () {}, message () {}, executorEnded () {}, executorReleased () {} },
    tasks: taskBook(), identity: { agentId: 'a', ip: '10.0.0.1' }, log: silentLog, note () {}, checkpoint,
    tell: (task, { state, reason }) => { told.push(`${task.taskId} ${state}${reason === undefined ? '' : ` ${reason}`}`) },
  })
  return { tasks, executor, sent, told, limits }
}

const info = (id: string, mem = 32): v1.TaskInfo => taskInfo({ task_id: { value: id }, resources: [scalar('cpus', 0.1), scalar('mem', mem)] })
const over = (id: string): v1.TaskStatus => ({ task_id: { value: id }, state: 'TASK_FINISHED' })

async function settled (): Promise<void> { for (let round = 0; round < 20; round++) await turn() }

test('tasks that come one by one in every possible moment are all delivered, in their order', async () => {
  for (let moment = 0; moment < 12; moment++) {
    const { tasks, executor, sent } = ground()
    tasks.add(executor, info('one'))
    for (let step = 0; step < moment; step++) await Promise.resolve()
    tasks.add(executor, info('two'))
    await turn()
    for (let step = 0; step < moment; step++) await Promise.resolve()
    tasks.add(executor, info('three'))
    await settled()
    assert.deepEqual(sent, ['LAUNCH one', 'LAUNCH two', 'LAUNCH three'])
  }
})

test('memory that is in use stays with the executor, its CPUs follow all the same', async () => {
  const { tasks, executor, limits } = ground(({ memBytes }) => memBytes >= 96 * mb)
  tasks.add(executor, info('one'))
  await settled()
  tasks.hear(executor, over('one'), Buffer.alloc(16, 1))
  await settled()
  assert.deepEqual(limits, [{ cpus: 0.2, memBytes: 96 * mb }, { cpus: 0.1, memBytes: 96 * mb }])
})

test('a task is not delivered before the limits have room for it', async () => {
  const { tasks, executor, sent, told } = ground(({ memBytes }) => memBytes < 200 * mb)
  tasks.add(executor, info('large', 500))
  assert.deepEqual(sent, [])
  await settled()
  assert.deepEqual(told, ['large TASK_FAILED REASON_CONTAINER_UPDATE_FAILED'])
  tasks.add(executor, info('small'))
  await settled()
  assert.deepEqual(sent, ['LAUNCH small'])
})

test('without a link tasks wait, and a kill of one that was delivered is sent with the next', async () => {
  const { tasks, executor, sent, told } = ground()
  const { link } = executor
  tasks.add(executor, info('one'))
  await settled()
  executor.link = undefined
  const held = executor.tasks.get('one')
  assert.ok(held)
  tasks.kill(executor, held, undefined)
  tasks.add(executor, info('two'))
  await settled()
  executor.link = link
  tasks.resume(executor, new Set(['one']))
  await settled()
  assert.deepEqual(sent, ['LAUNCH one', 'KILL one', 'LAUNCH two'])
  assert.deepEqual(told, [])
})

test('a kill is heard when it is on the disk, and by a link that came before that only once', async () => {
  for (const isBack of [false, true]) {
    let disk = Promise.resolve()
    const { tasks, executor, sent } = ground(() => true, { commit: () => disk, fault: undefined })
    tasks.add(executor, info('one'))
    await settled()
    const written = deferred()
    disk = written.promise
    const held = executor.tasks.get('one')
    assert.ok(held && executor.link)
    tasks.kill(executor, held, undefined)
    await settled()
    assert.deepEqual(sent, ['LAUNCH one'])
    if (isBack) {
      executor.link = { ...executor.link }
      tasks.resume(executor, new Set(['one']))
    }
    written.resolve()
    await settled()
    assert.deepEqual(sent, ['LAUNCH one', 'KILL one'])
  }
})

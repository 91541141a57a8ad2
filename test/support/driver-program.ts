// What runs in the container of an executor of the older driver: it does with each task what a recorded executor did, byte for byte but for the ids.
import { fileURLToPath } from 'node:url'
import type { internal } from '../../src/wire/messages.ts'
import { decodeProtobuf } from '../../src/wire/protobuf.ts'
import { bodyBytes, recordedScenario } from '../unit/wire/recorded-wire.ts'
import { DriverExecutor } from './driver-executor.ts'
import type { Environment } from './executor-client.ts'

process.chdir(fileURLToPath(new URL('../../..', import.meta.url)))
const hoursMs = 3_600_000
const recordings = ['b_host_exit0.jsonl', 'c_exit3.jsonl']
const driver = await DriverExecutor.start(process.env as Environment)

/** One after the other: the next when the agent has acknowledged this. */
async function runTasks (): Promise<never> {
  for (let count = 0; ; count++) {
    const { task } = await driver.peer.take('internal.RunTaskMessage', hoursMs)
    const updates = updatesOf(recordings[count % recordings.length]!)
    // A task that is to be killed stays at what comes before its end.
    const all = task.task_id.value.startsWith('stays') ? updates.slice(0, -1) : updates
    for (const update of all) {
      driver.tell(driver.updateOf(task.task_id.value, update.status.state, update))
      await driver.peer.take('internal.StatusUpdateAcknowledgementMessage')
    }
  }
}

async function answerMessages (): Promise<never> {
  for (;;) driver.say(`echo:${Buffer.from((await driver.peer.take('internal.FrameworkToExecutorMessage', hoursMs)).data).toString()}`)
}

async function obeyKills (): Promise<never> {
  for (;;) driver.tell(driver.updateOf((await driver.peer.take('internal.KillTaskMessage', hoursMs)).task_id.value, 'TASK_KILLED'))
}

async function comeBack (): Promise<never> {
  for (;;) {
    await driver.peer.take('internal.ReconnectExecutorMessage', hoursMs)
    driver.reregister([], [])
  }
}

function updatesOf (file: string): internal.StatusUpdate[] {
  return recordedScenario('wire-executor-v0', file)
    .filter(({ message }) => message === 'mesos.internal.StatusUpdateMessage')
    .map(line => decodeProtobuf('internal.StatusUpdateMessage', bodyBytes(line)).update)
    .filter((update, _at, [first]) => update.executor_id?.value === first?.executor_id?.value)
}

driver.register()
await driver.peer.take('internal.ExecutorRegisteredMessage')
const end = driver.peer.take('internal.ShutdownExecutorMessage', hoursMs)
await Promise.race([end, runTasks(), answerMessages(), obeyKills(), comeBack()])
console.log('shut down')
process.exit(0)

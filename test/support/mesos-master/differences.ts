import type { Difference, Plain } from './compare.ts'

type Still = NonNullable<Difference['still']>

const registers = 'internal.RegisterSlaveMessage'
const reregisters = 'internal.ReregisterSlaveMessage'
const updates = 'internal.StatusUpdateMessage'

const aTime: Still = (there, here) => typeof there === 'number' && typeof here === 'number' && here > 1.5e9
const isAbsent: Still = (_there, here) => here === undefined
const isMore: Still = (there, here) => there === undefined && here !== undefined
const is = (value: Plain): Still => (there, here) => there === undefined && here === value
const inspects: Still = (...both) => both.every(value => typeof value === 'string' && Array.isArray(JSON.parse(Buffer.from(value, 'base64').toString())))
const addresses: Still = (...both) => both.every(value => typeof value === 'string' && /^\d+\.\d+\.\d+\.\d+$/.test(value))

/** In the order of a task's life. */
const states: Array<Plain | undefined> = ['TASK_STAGING', 'TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING', 'TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED']
const notEarlier: Still = (there, here) => states.indexOf(here) >= states.indexOf(there)

const sameAndMore: Still = (there = '', here = '') => {
  if (typeof there !== 'string' || typeof here !== 'string') return false
  const failed = 'Failed to launch container: '
  return there === '' ? here.startsWith('Not healthy: ') : here.startsWith(there) || (there.startsWith(failed) && here.startsWith(failed))
}

const word = 'the exit code, or the code of the failure, as a label'
const inContainers = 'executors run in containers alone, and are known by those'
const withDefault = 'written down with its default, which is what it means'
const someCapabilities = 'only what holds true of this agent'
const anyPort = 'any free port in the tests'
const protocol = 'said, not left to the default'
const network = 'container_status.network_infos[].ip_addresses[]'

/** Where what our agent says may differ from what a recorded agent said. All else is equal. */
export const differences: readonly Difference[] = [
  differs(registers, 'slave.port', anyPort),
  differs(reregisters, 'slave.port', anyPort),
  differs(registers, 'agent_capabilities', someCapabilities),
  differs(reregisters, 'agent_capabilities', someCapabilities),
  differs(reregisters, 'completed_frameworks', 'what is over is not kept for masters', isAbsent),
  differs(reregisters, 'tasks[].statuses[].timestamp', 'a time', aTime),
  differs(reregisters, 'tasks[].statuses[].data', 'the inspect was told once, and is not kept', isAbsent),
  differs(reregisters, 'tasks[].statuses[].labels', word),
  differs(reregisters, `tasks[].statuses[].${network}.protocol`, protocol, is('IPv4')),
  differs(reregisters, 'tasks[].statuses[].container_status.executor_pid', inContainers, isAbsent),
  differs(reregisters, 'tasks[].container.docker.privileged', withDefault, is(false)),
  differs(reregisters, 'executor_infos[].container', inContainers, isMore),
  differs(reregisters, 'executor_infos[].command.environment.variables[].type', withDefault, is('VALUE')),
  differs(reregisters, 'executor_infos[].command.value', 'another program plays the executor in the test'),
  differs(updates, 'update.timestamp', 'a time', aTime),
  differs(updates, 'update.status.timestamp', 'a time', aTime),
  differs(updates, 'update.latest_state', 'the newest when it was sent: our tasks start faster than acknowledgements come', notEarlier),
  differs(updates, 'update.status.data', 'another engine\'s document', inspects),
  differs(updates, 'update.status.labels', word),
  differs(updates, 'update.status.message', 'names the signal, and why it was sent; why it is not healthy; our words for a failed launch', sameAndMore),
  differs(updates, 'update.status.container_status', 'the container of a failed launch is named as well', isMore),
  differs(updates, 'update.status.container_status.executor_pid', inContainers, isAbsent),
  differs(updates, `update.status.${network}.protocol`, protocol, is('IPv4')),
  differs(updates, `update.status.${network}.ip_address`, 'the engine\'s; ours is told with every update from RUNNING on', addresses),
]

function differs (message: string, path: string, why: string, still?: Still): Difference {
  return { message, path, why, ...(still && { still }) }
}

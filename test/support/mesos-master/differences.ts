import type { Difference, Plain } from './compare.ts'

const isJsonInBase64 = (value: Plain | undefined): boolean => typeof value === 'string' && Array.isArray(JSON.parse(Buffer.from(value, 'base64').toString()))
const time = 'a time'

/** Where what our agent says may differ from what a recorded agent said. All else is equal. */
export const differences: readonly Difference[] = [
  { message: 'internal.RegisterSlaveMessage', path: 'slave.port', why: 'any free port in the tests' },
  { message: 'internal.ReregisterSlaveMessage', path: 'slave.port', why: 'any free port in the tests' },
  { message: 'internal.RegisterSlaveMessage', path: 'agent_capabilities', why: 'only what holds true of this agent' },
  { message: 'internal.ReregisterSlaveMessage', path: 'agent_capabilities', why: 'only what holds true of this agent' },
  { message: 'internal.ReregisterSlaveMessage', path: 'completed_frameworks', why: 'what is over is not kept for masters', still: (_there, here) => here === undefined },
  { message: 'internal.ReregisterSlaveMessage', path: 'tasks[].statuses[].timestamp', why: time },
  { message: 'internal.ReregisterSlaveMessage', path: 'tasks[].statuses[].data', why: 'the inspect was told once, and is not kept', still: (_there, here) => here === undefined },
  { message: 'internal.ReregisterSlaveMessage', path: 'tasks[].statuses[].labels', why: 'the exit code as a label' },
  {
    message: 'internal.ReregisterSlaveMessage', path: 'tasks[].statuses[].container_status.network_infos[].ip_addresses[].protocol', why: 'said, not left to the default',
    still: (there, here) => there === undefined && here === 'IPv4',
  },
  { message: 'internal.StatusUpdateMessage', path: 'update.timestamp', why: time, still: isTime },
  { message: 'internal.StatusUpdateMessage', path: 'update.status.timestamp', why: time, still: isTime },
  {
    message: 'internal.ReregisterSlaveMessage', path: 'tasks[].container.docker.privileged', why: 'written down with its default, which is what it means',
    still: (there, here) => there === undefined && here === false,
  },
  {
    message: 'internal.ReregisterSlaveMessage', path: 'executor_infos[].command.environment.variables[].type', why: 'written down with its default, which is what it means',
    still: (there, here) => there === undefined && here === 'VALUE',
  },
  { message: 'internal.ReregisterSlaveMessage', path: 'executor_infos[].command.value', why: 'another program plays the executor in the test' },
  {
    message: 'internal.StatusUpdateMessage', path: 'update.latest_state', why: 'the newest at the time of sending: our tasks start faster than acknowledgements come',
    still: (there, here) => states.indexOf(String(here)) >= states.indexOf(String(there)),
  },
  {
    message: 'internal.StatusUpdateMessage', path: 'update.status.container_status.executor_pid', why: 'executors run in containers, and are known by those',
    still: (_there, here) => here === undefined,
  },
  {
    message: 'internal.ReregisterSlaveMessage', path: 'tasks[].statuses[].container_status.executor_pid', why: 'executors run in containers, and are known by those',
    still: (_there, here) => here === undefined,
  },
  { message: 'internal.ReregisterSlaveMessage', path: 'executor_infos[].container', why: 'here executors run in containers alone', still: there => there === undefined },
  {
    message: 'internal.StatusUpdateMessage', path: 'update.status.data', why: 'another engine\'s document',
    still: (there, here) => isJsonInBase64(there) && isJsonInBase64(here),
  },
  { message: 'internal.StatusUpdateMessage', path: 'update.status.labels', why: 'the exit code, or the code of the failure, as a label' },
  {
    message: 'internal.StatusUpdateMessage', path: 'update.status.container_status.network_infos[].ip_addresses[].protocol', why: 'said, not left to the default',
    still: (there, here) => there === undefined && here === 'IPv4',
  },
  {
    message: 'internal.StatusUpdateMessage', path: 'update.status.message', why: 'names the signal, and why it was sent; says why it is not healthy; our own words for a failed launch',
    still: (there, here) => {
      const [a, b] = [String(there), String(here)]
      return (there === undefined && b.startsWith('Not healthy: ')) || b.startsWith(a) || (a.startsWith('Failed to launch container: ') && b.startsWith('Failed to launch container: '))
    },
  },
  {
    message: 'internal.StatusUpdateMessage', path: 'update.status.container_status', why: 'the container of a failed launch is named as well',
    still: (there, here) => there === undefined && here !== undefined,
  },
  {
    message: 'internal.StatusUpdateMessage', path: 'update.status.container_status.network_infos[].ip_addresses[].ip_address',
    why: 'addresses of containers are the engine\'s; ours is told with every update from RUNNING on', still: (there, here) => isAddress(there) && isAddress(here),
  },
]

/** In the order of a task's life. */
const states = ['TASK_STAGING', 'TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING', 'TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED']

function isTime (there: Plain | undefined, here: Plain | undefined): boolean { return typeof there === 'number' && typeof here === 'number' && here > 1.5e9 }

function isAddress (value: Plain | undefined): boolean { return typeof value === 'string' && /^\d+\.\d+\.\d+\.\d+$/.test(value) }

// A v1 executor as a program of its own, for containers: it imports nothing but node's own. Its calls are those of the recorded one.
import { randomUUID } from 'node:crypto'
import { request, type IncomingMessage, type RequestOptions } from 'node:http'

interface Event {
  type: string
  launch?: { task: { task_id: { value: string }, name: string } }
  kill?: { task_id: { value: string } }
  message?: { data: string }
}

const { env } = process
const ids = { executor_id: { value: env['MESOS_EXECUTOR_ID'] }, framework_id: { value: env['MESOS_FRAMEWORK_ID'] } }
const bySocket = env['SAMPLE_VIA'] === 'socket'
const [host, port] = (env['MESOS_AGENT_ENDPOINT'] ?? '').split(':')
const address: RequestOptions = bySocket ? { socketPath: env['MESOS_DOMAIN_SOCKET'] ?? '' } : { host, port }
let turn = Promise.resolve()
/** With checkpoints it outlives its agent, and looks for the next one. */
const isPatient = env['MESOS_CHECKPOINT'] === '1'
const retryMs = 300

function send (call: object, onAnswer: (answer: IncomingMessage) => void): void {
  const again = (): void => { setTimeout(() => { send(call, onAnswer) }, retryMs) }
  const body = JSON.stringify({ ...ids, ...call })
  const outgoing = request({
    ...address, method: 'POST', path: '/slave(1)/api/v1/executor',
    headers: {
      'content-type': 'application/json', 'accept': 'application/json', 'content-length': Buffer.byteLength(body),
      'authorization': `Bearer ${env['MESOS_EXECUTOR_AUTHENTICATION_TOKEN'] ?? ''}`,
    },
  }, answer => {
    if (answer.statusCode === 503) { answer.resume(); again() } else { onAnswer(answer) }
  })
  outgoing.on('error', error => {
    if (!isPatient) throw error
    again()
  })
  outgoing.end(body)
}

/** One after the other, in their order. */
function call (type: string, rest: object): void {
  turn = turn.then(() => new Promise(resolve => {
    send({ type, ...rest }, answer => {
      console.log(`${type} ${answer.statusCode}`)
      answer.resume().on('end', resolve)
    })
  }))
}

function update (taskId: string, state: string, more: object = {}): void {
  const uuid = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64')
  const status = { task_id: { value: taskId }, state, source: 'SOURCE_EXECUTOR', uuid, timestamp: Date.now() / 1000, executor_id: ids.executor_id, ...more }
  call('UPDATE', { update: { status } })
}

const up = { message: 'up', data: Buffer.from('some data').toString('base64'), healthy: true, labels: { labels: [{ key: 'k', value: 'v' }] } }

function hear ({ type, launch, kill, message }: Event): void {
  console.log(`event ${type}`)
  const taskId = (launch?.task ?? kill)?.task_id.value ?? ''
  if (launch?.task.name === 'boom') update(taskId, 'TASK_FAILED', { reason: 'REASON_COMMAND_EXECUTOR_FAILED', message: 'as asked' })
  else if (launch !== undefined) { update(taskId, 'TASK_STARTING'); update(taskId, 'TASK_RUNNING', up) }
  if (kill !== undefined) update(taskId, 'TASK_KILLED', { message: 'killed by request' })
  if (message !== undefined) call('MESSAGE', { message: { data: Buffer.from(`echo:${Buffer.from(message.data, 'base64').toString()}`).toString('base64') } })
  if (type === 'SHUTDOWN') process.exit(0)
}

function subscribe (): void {
  send({ type: 'SUBSCRIBE', subscribe: { unacknowledged_tasks: [], unacknowledged_updates: [] } }, answer => {
    console.log(`SUBSCRIBE ${answer.statusCode}`)
    let rest = Buffer.alloc(0)
    answer.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk])
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        const length = Number(rest.subarray(0, end).toString())
        if (rest.length < end + 1 + length) break
        hear(JSON.parse(rest.subarray(end + 1, end + 1 + length).toString()) as Event)
        rest = rest.subarray(end + 1 + length)
      }
    })
    answer.on('error', () => {})          // its end follows
    answer.on('close', () => { if (isPatient) setTimeout(subscribe, retryMs) })
  })
}

subscribe()

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusedWord, terminalWord, toStatus, type Word } from '../../../src/agent/task-status.ts'
import type { Termination } from '../../../src/containerizer/container.ts'
import { AgentError } from '../../../src/model/errors.ts'

const failure = AgentError.wrap(new AgentError('PULL_FAILED', 'connection refused'), 'pull failed', { stage: 'pull' })
const ended = (more: Partial<Termination>): Termination => ({ exitCode: undefined, oomKilled: false, error: undefined, mayStillRun: false, ...more })
const labelled = (word: Word): Record<string, string | undefined> => Object.fromEntries((word.labels?.labels ?? []).map(({ key, value }) => [key, value]))

type Expected = Pick<Word, 'state'> & Partial<Word>
type Row = readonly [name: string, termination: Termination, killedFor: string | undefined, word: Expected, labels: Record<string, string>]

const launchFailed = { state: 'TASK_FAILED', source: 'SOURCE_AGENT', reason: 'REASON_CONTAINER_LAUNCH_FAILED' } as const

const words: readonly Row[] = [
  ['exit 0 is FINISHED', ended({ exitCode: 0 }), undefined,
    { state: 'TASK_FINISHED', message: 'Container exited with status 0' }, { 'slipway.exit_code': '0' }],
  ['any other exit is FAILED', ended({ exitCode: 7 }), undefined,
    { state: 'TASK_FAILED', message: 'Container exited with status 7' }, { 'slipway.exit_code': '7' }],
  ['an exit by signal names it', ended({ exitCode: 137 }), undefined,
    { state: 'TASK_FAILED', message: 'Container exited with status 137 (SIGKILL)' }, { 'slipway.exit_code': '137' }],
  ['a kill makes it KILLED, even at exit 0', ended({ exitCode: 0 }), 'killed',
    { state: 'TASK_KILLED', message: 'Container exited with status 0' }, { 'slipway.exit_code': '0' }],
  ['a kill that had to use force is KILLED', ended({ exitCode: 137 }), 'killed',
    { state: 'TASK_KILLED', message: 'Container exited with status 137 (SIGKILL)' }, { 'slipway.exit_code': '137' }],
  ['an end that was asked for with a reason tells it', ended({ exitCode: 143 }), 'its framework is gone',
    { state: 'TASK_KILLED', message: 'Container exited with status 143 (SIGTERM); its framework is gone' }, { 'slipway.exit_code': '143' }],
  ['a kill whose end nobody saw is KILLED, and not taken for one during launch', ended({}), 'killed',
    { state: 'TASK_KILLED', message: 'Killed; nobody saw the exit status of its container, which the engine has removed' }, {}],
  ['a kill before it ran is KILLED during launch', ended({ error: new AgentError('CANCELLED', 'killed') }), 'killed',
    { state: 'TASK_KILLED', reason: 'REASON_TASK_KILLED_DURING_LAUNCH', message: 'Killed before it ran: killed' }, {}],
  ['a kill before it ran is KILLED during launch, and tells what ended that', ended({ error: failure }), 'killed',
    { state: 'TASK_KILLED', reason: 'REASON_TASK_KILLED_DURING_LAUNCH', message: 'Killed before it ran: pull failed: connection refused' }, {}],
  ['a launch that failed names stage and cause', ended({ error: failure }), undefined,
    { ...launchFailed, message: 'Failed to launch container: pull failed: connection refused' },
    { 'slipway.error_code': 'PULL_FAILED', 'slipway.stage': 'pull' }],
  ['a kill past the engine is KILLED', ended({ isPastEngine: true }), 'killed',
    { state: 'TASK_KILLED', message: 'Killed past the engine, which does not answer; its exit status is not known' }, {}],
  ['an exit status that the engine has lost is told as lost', ended({ error: new AgentError('EXIT_STATUS_LOST', 'why') }), undefined,
    { state: 'TASK_FAILED', source: 'SOURCE_AGENT', message: 'Failed to get exit status of container: why' }, { 'slipway.error_code': 'EXIT_STATUS_LOST' }],
  ['a kill whose exit status the engine has lost is KILLED', ended({ error: new AgentError('EXIT_STATUS_LOST', 'why') }), 'killed',
    { state: 'TASK_KILLED', source: 'SOURCE_AGENT', message: 'Failed to get exit status of container: why' }, { 'slipway.error_code': 'EXIT_STATUS_LOST' }],
  ['an end that nobody saw is FAILED', ended({}), undefined,
    { ...launchFailed, message: 'Failed to launch container: nobody could tell how it ended' }, {}],
]

for (const [name, termination, killedFor, { labels: _labels, ...expected }, labels] of words) {
  test(name, () => {
    const { labels: _found, ...word } = terminalWord(termination, killedFor)
    assert.deepEqual(word, expected)
    assert.deepEqual(labelled(terminalWord(termination, killedFor)), labels)
  })
}

for (const killedFor of [undefined, 'killed']) {
  test(`what may still run is FAILED and says so, ${killedFor ?? 'not killed'}`, () => {
    const error = new AgentError('MAY_STILL_RUN', 'the engine does not answer')
    const word = terminalWord(ended({ exitCode: killedFor ? undefined : 0, error, mayStillRun: true }), killedFor)
    assert.equal(word.state, 'TASK_FAILED')
    assert.match(word.message ?? '', /^Failed to launch container: the engine does not answer\. It may still run; /)
    assert.equal(labelled(word)['slipway.error_code'], 'MAY_STILL_RUN')
  })
}

test('a refusal is the agent\'s word, and says whether the same task may do better later', () => {
  assert.deepEqual(refusedWord(AgentError.wrap(new AgentError('SPEC_INVALID', 'inner'), 'outer')), {
    state: 'TASK_ERROR', reason: 'REASON_TASK_INVALID', source: 'SOURCE_AGENT', message: 'outer: inner',
    labels: { labels: [{ key: 'slipway.error_code', value: 'SPEC_INVALID' }] },
  })
  const { state, reason } = refusedWord(new AgentError('QUEUE_FULL', 'full'))
  assert.deepEqual([state, reason], ['TASK_FAILED', 'REASON_CONTAINER_LAUNCH_FAILED'])
})

const context = { taskId: 't', agentId: 'S0', containerId: 'c', ip: '10.0.0.1', sequence: 1 }

test('a status is complete', () => {
  const { timestamp, uuid, ...rest } = toStatus({ state: 'TASK_RUNNING' }, context)
  assert.ok(Math.abs((timestamp ?? 0) - Date.now() / 1000) < 60)
  assert.equal(uuid?.length, 16)
  assert.deepEqual(rest, {
    state: 'TASK_RUNNING', source: 'SOURCE_EXECUTOR', task_id: { value: 't' }, agent_id: { value: 'S0' }, executor_id: { value: 't' },
    container_status: { container_id: { value: 'c' }, network_infos: [{ ip_addresses: [{ protocol: 'IPv4', ip_address: '10.0.0.1' }] }] },
  })
})

test('the word\'s own source stands', () => {
  assert.equal(toStatus({ state: 'TASK_FAILED', source: 'SOURCE_AGENT' }, context).source, 'SOURCE_AGENT')
})

test('an address with colons is IPv6', () => {
  assert.deepEqual(toStatus({ state: 'TASK_RUNNING' }, { ...context, ip: 'fe80::1' }).container_status?.network_infos, [
    { ip_addresses: [{ protocol: 'IPv6', ip_address: 'fe80::1' }] },
  ])
})

test('the same update has the same uuid, any other another, and it is a UUID of version 8', () => {
  const uuidOf = (state: Word['state'], more: Partial<typeof context> = {}): string =>
    Buffer.from(toStatus({ state }, { ...context, ...more }).uuid ?? []).toString('hex')
  const all = [
    uuidOf('TASK_RUNNING'), uuidOf('TASK_FAILED'), uuidOf('TASK_RUNNING', { sequence: 2 }), uuidOf('TASK_RUNNING', { containerId: 'd' }),
  ]
  assert.equal(uuidOf('TASK_RUNNING'), all[0])
  assert.equal(new Set(all).size, all.length)
  for (const uuid of all) assert.match(uuid, /^.{12}8.{3}[89ab].{15}$/)
})

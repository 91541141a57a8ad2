import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isOver, type Wait } from '../../../src/cli/container-report.ts'
import { describeAge, describeBytes, describeDuration } from '../../../src/cli/durations.ts'
import { eventLine } from '../../../src/cli/event-line.ts'
import { inspectText } from '../../../src/cli/inspect-text.ts'
import { describeLaunch } from '../../../src/cli/launch-text.ts'
import { psTable } from '../../../src/cli/ps.ts'
import { terminalOf } from '../../../src/cli/terminal.ts'
import { textTable } from '../../../src/cli/text-table.ts'
import { containerReport } from '../../support/container-reports.ts'

const pipe = terminalOf({}, {})
const screen = terminalOf({ isTTY: true, columns: 40 }, { TERM: 'xterm' })
const nowMs = Date.parse('2026-01-01T00:01:12.000Z')

test('ages have two units at most, durations and sizes the one that fits', () => {
  const day = 86_400_000
  assert.deepEqual([-5, 0, 59_999, 60_000, 61_000, 3_600_000, day + 2 * 3_600_000 + 1].map(describeAge), ['0s', '0s', '59s', '1m', '1m 1s', '1h', '1d 2h'])
  assert.deepEqual([0, 12.34, 4200, 125_000].map(describeDuration), ['0.0 ms', '12.3 ms', '4.2 s', '2m 5s'])
  assert.deepEqual([0, 999, 1500, 35_000_000, 2.1e12].map(describeBytes), ['0 B', '999 B', '1.5 kB', '35 MB', '2.1 TB'])
})

test('colours and widths are for terminals, and NO_COLOR is heard', () => {
  assert.equal(pipe.paint('x', 'red'), 'x')
  assert.equal(pipe.columns, undefined)
  assert.equal(screen.paint('x', 'red'), '\x1b[31mx\x1b[39m')
  for (const env of [{ NO_COLOR: '1', TERM: 'xterm' }, { TERM: 'dumb' }]) assert.equal(terminalOf({ isTTY: true }, env).paint('x', 'red'), 'x')
})

test('a table is cut to a terminal, and whole in a pipe', () => {
  const rows = [['short', 'a-very-long-cell-that-does-not-fit-into-forty-columns', 'end']]
  assert.equal(textTable(['a', 'b', 'c'], rows, pipe), `A      B${' '.repeat(54)}C\nshort  ${rows[0]?.[1]}  end\n`)
  const plain = terminalOf({ isTTY: true, columns: 40 }, { NO_COLOR: '1' })
  for (const line of textTable(['a', 'b', 'c'], rows, plain).split('\n')) assert.ok(line.length <= 40, line)
  assert.match(textTable(['a', 'b', 'c'], rows, plain), /short {2}a-very-long-cell-that-doe.*… {2}end\n/)
})

test('tasks are listed with their executor where one has an executor of its own', () => {
  const plain = containerReport({ task_id: 'plain', executor_id: 'plain' })
  assert.doesNotMatch(psTable([plain], pipe, nowMs), /EXECUTOR/)
  const table = psTable([plain, containerReport({ task_id: 'one', executor_id: 'runner' })], pipe, nowMs)
  assert.deepEqual(table.trim().split('\n').map(line => line.split(/ {2,}/).at(-1)), ['EXECUTOR', '-', 'runner'])
})

test('a task is over when it has ended, though its executor goes on', () => {
  const report = { task_id: 'one', task_state: 'TASK_FINISHED', state: 'running' }
  assert.deepEqual([isOver(containerReport({ ...report, executor_id: 'runner' })), isOver(containerReport({ ...report, executor_id: 'one' }))], [true, false])
})

test('what a task calls itself cannot command the terminal', () => {
  assert.doesNotMatch(textTable(['a'], [['x\x1b[2Jy\n']], pipe), /\x1b/)
  assert.doesNotMatch(eventLine({ type: 'task', task_id: '\x1b]0;x\x07', state: 's', message: '\x1b[31m' }, pipe), /\x1b/)
})

test('ps tells where a task is until it has ended, and then how', () => {
  const pulling = containerReport({
    task_id: 'new', state: 'launching', task_state: 'TASK_STAGING', stages: [], waiting_for: [{ stage: 'pull', outcome: 'running', text: 'the image' }],
  })
  const failed = containerReport({ task_id: 'bad', state: 'gone', task_state: 'TASK_FAILED', exit_code: 7 })
  const lines = psTable([containerReport(), pulling, failed], pipe, nowMs).trimEnd().split('\n')
  assert.deepEqual(lines.map(line => line.split(/ {2,}/)), [
    ['TASK', 'NAME', 'FRAMEWORK', 'STATE', 'IMAGE', 'AGE', 'EXIT'],
    ['web', 'web', 'tester', 'running', 'busybox', '1m', '-'],
    ['new', 'new', 'tester', 'launching (pull)', 'busybox', '1m 12s', '-'],
    ['bad', 'bad', 'tester', 'failed', 'busybox', '1m 12s', '7'],
  ])
})

test('an agent that tells little is put up with', () => {
  const bare = { container_id: 'c', task_id: 't', framework_id: 'f', state: 'queued', stages: [] }
  assert.match(psTable([bare], pipe, nowMs), /\nt {5}- {5}f {10}queued {2}- {6}- {4}-\n/)
  assert.match(inspectText(bare, pipe, nowMs), /state +queued\n/)
  assert.equal(describeLaunch(bare, nowMs), 'queued')
})

test('inspect tells ids, what is waited for, why it failed and what to do, and the stages', () => {
  const text = inspectText(containerReport({
    state: 'failed', task_state: 'TASK_FAILED', engine_id: '0123456789abcdef', sandbox: '/srv/x',
    waiting_for: [{ text: 'the engine to confirm', since: '2026-01-01T00:01:00.000Z' }],
    failure: { code: 'IMAGE_NOT_FOUND', stage: 'pull', message: 'no such image', hint: 'Check the name.' },
    stages: [{ stage: 'pull', outcome: 'failed', queue_ms: 0, duration_ms: 1234, started_at: '2026-01-01T00:00:10.000Z' }],
  }), pipe, nowMs)
  for (const part of [/framework +F-0000 \(tester\)/, /container +c-web/, /on the engine +mesos-c-web, 0123456789ab\n/, /sandbox +\/srv\/x/,
    /Waits for\n {2}the engine to confirm, for 12s\n/, /stage +pull\n/, /cause +no such image\n/, /code +IMAGE_NOT_FOUND\n/, /what to do +Check the name\.\n/,
    /pull +failed +0\.0 ms +1\.2 s +2026-01-01T00:00:10\.000Z\n/]) assert.match(text, part)
})

test('a launch says what it waits for, and how far that is', () => {
  const launching = (wait: Wait): string | undefined => describeLaunch(containerReport({ state: 'launching', waiting_for: [wait] }), nowMs)
  const since = '2026-01-01T00:01:00.000Z'
  assert.equal(launching({ stage: 'create', outcome: 'queued', since, text: '' }), 'queued for create 12s')
  assert.equal(launching({ stage: 'pull', outcome: 'running', since, text: '', progress: { layers: 5, layers_done: 2, bytes: 5e6, total_bytes: 20e6 } }),
    'pull busybox [=====>              ] 5.0 MB of 20 MB, 2 of 5 layers 12s')
  assert.equal(launching({ stage: 'fetch', outcome: 'running', since, text: '', progress: { file: 1, files: 2, name: 'a.zip', bytes: 1500 } }),
    'fetch a.zip 1.5 kB, file 1 of 2 12s')
  const progress = { file: 1, files: 1, name: 'a', bytes: 5e6, total_bytes: 20e6, bytes_per_second: 2e6 }
  assert.equal(launching({ stage: 'fetch', outcome: 'running', since, text: '', progress }),
    'fetch a [=====>              ] 5.0 MB of 20 MB, 2.0 MB/s 12s')
  assert.equal(describeLaunch(containerReport(), nowMs), undefined)
})

test('an event is a line; one of a kind that is new shows all it has', () => {
  const line = (event: object): string => eventLine({ task_id: 'web', ...event }, pipe).replace(/^- {2}/, '')
  assert.equal(line({ type: 'container', to: 'queued' }), 'container  web  queued\n')
  assert.equal(line({ type: 'container', from: 'queued', to: 'launching' }), 'container  web  queued -> launching\n')
  assert.equal(line({ type: 'stage', stage: 'pull', outcome: 'ok', queue_ms: 3, duration_ms: 1500 }), 'stage      web  pull ok, took 1.5 s, queued 3.0 ms\n')
  assert.equal(line({ type: 'task', state: 'TASK_FAILED', reason: 'R', message: 'why' }), 'task       web  TASK_FAILED (R): why\n')
  assert.equal(line({ type: 'engine', task_id: undefined, state: 'down' }), 'engine     -  the engine is down\n')
  assert.equal(line({ type: 'weather', wind: 3, rain: { mm: 1 } }), 'weather    web  wind=3 rain={"mm":1}\n')
})

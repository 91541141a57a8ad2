import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EngineRun } from '../../../../src/engine/engine-run.ts'
import { knownRun } from '../../../../workers/logs/engine-losses.ts'
import { timeText } from '../../../../workers/logs/log-entries.ts'

const lastWrite = timeText(5_000)
const first: EngineRun = { id: 'process:1', beganAtMs: 1_000, isSure: true }
const second: EngineRun = { id: 'process:2', beganAtMs: 4_000, isSure: true }
const socket: EngineRun = { id: 'socket:1', beganAtMs: 1_000, isSure: false }
const otherSocket: EngineRun = { id: 'socket:2', beganAtMs: 4_000, isSure: false }

test('the first engine that a container is known to have is no loss', () => {
  assert.deepEqual(knownRun(undefined, { run: first, lostAtMs: undefined, lastWrite }), { id: 'process:1', beganAtMs: 1_000, losses: [] })
  assert.deepEqual(knownRun(undefined, { run: undefined, lostAtMs: undefined, lastWrite }), { id: '', beganAtMs: undefined, losses: [] })
})

test('another engine than before means a loss, from when it began; the same one means none, whatever broke', () => {
  const before = knownRun(undefined, { run: first, lostAtMs: undefined, lastWrite })
  assert.deepEqual(knownRun(before, { run: second, lostAtMs: 3_000, lastWrite }), { id: 'process:2', beganAtMs: 4_000, losses: [timeText(4_000)] })
  assert.deepEqual(knownRun(before, { run: first, lostAtMs: 3_000, lastWrite }), before)
})

test('losses add up until something comes that was logged after them', () => {
  const before = { id: 'process:1', losses: [timeText(500)] }
  assert.deepEqual(knownRun(before, { run: second, lostAtMs: undefined, lastWrite }).losses, [timeText(500), timeText(4_000)])
})

test('where only the socket tells, broken streams tell too, and nothing that is in the sandbox is taken for new', () => {
  const before = knownRun(undefined, { run: socket, lostAtMs: undefined, lastWrite })
  assert.deepEqual(knownRun(before, { run: socket, lostAtMs: 6_000, lastWrite }), { id: 'socket:1', beganAtMs: 1_000, losses: [timeText(6_000)] })
  assert.deepEqual(knownRun(before, { run: otherSocket, lostAtMs: 6_000, lastWrite }), { id: 'socket:2', beganAtMs: 4_000, losses: [timeText(6_000)] })
  assert.deepEqual(knownRun(before, { run: otherSocket, lostAtMs: undefined, lastWrite }), { id: 'socket:2', beganAtMs: 4_000, losses: [lastWrite] })
})

test('what is known of another kind tells nothing', () => {
  assert.deepEqual(knownRun({ id: 'socket:1', losses: [] }, { run: second, lostAtMs: undefined, lastWrite }), { id: 'process:2', beganAtMs: 4_000, losses: [] })
})

test('an engine that came and went between two layings of a pipe is a loss of its own', () => {
  const before = knownRun(undefined, { run: first, lostAtMs: undefined, lastWrite })
  const begins = [500, 1_000, 2_000, 3_000, 4_000, 5_000]
  assert.deepEqual(knownRun(before, { run: second, lostAtMs: undefined, lastWrite, begins }).losses, [2_000, 3_000, 4_000].map(timeText))
  assert.deepEqual(knownRun(before, { run: first, lostAtMs: undefined, lastWrite, begins }).losses, [])
  // As an earlier version noted it.
  assert.deepEqual(knownRun({ id: 'process:1', losses: [] }, { run: second, lostAtMs: undefined, lastWrite, begins }).losses, [timeText(4_000)])
})

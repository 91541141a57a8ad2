import assert from 'node:assert/strict'
import { test } from 'node:test'
import { launchFigures } from '../../../bench/load/launch/figures.ts'
import type { Round } from '../../../bench/load/launch/launch.ts'
import { curveOf, latencies, rateOf, type LaunchTime } from '../../../bench/load/launch/launch-time.ts'
import { launchOptions, type LaunchValues } from '../../../bench/load/launch/options.ts'
import { stageTimes, workMs, type ContainerTold } from '../../../bench/load/launch/stages.ts'
import { resourcesFor } from '../../../bench/load/launch/wish.ts'
import type { Figure } from '../../../bench/report/report.ts'

const defaults = Object.fromEntries(Object.entries(launchOptions).map(([name, option]) => [name, option.default])) as LaunchValues

/** One after the other, each this long. */
function inTurn (count: number, ms: number): LaunchTime[] {
  return Array.from({ length: count }, (_, at) => ({ dueMs: at * ms, doneMs: (at + 1) * ms }))
}

function round (rawMs: readonly [number, number], agentMs: number, dockerPerSecond?: number): Round {
  const agent = {
    launches: inTurn(10, agentMs), containers: [], cpuMsPerLaunch: 3, frameworkCpuMsPerLaunch: 1, rssMb: 100, loopP99Ms: 15, bareLoopP99Ms: 11,
  }
  return { raw: [inTurn(10, rawMs[0]), inTurn(10, rawMs[1])], agent, dockerPerSecond }
}

function figure (figures: readonly Figure[], name: string): Figure {
  const found = figures.find(one => one.name === name)
  assert.ok(found, `${name} is not among ${figures.map(one => one.name).join(', ')}`)
  return found
}

test('a launch counts from when it was due, a rate to when the last one was over', () => {
  const launches = [{ dueMs: 100, doneMs: 400 }, { dueMs: 200, doneMs: 1_100 }]
  assert.deepEqual(latencies(launches), [300, 900])
  assert.equal(rateOf(launches), 2)
  assert.deepEqual(curveOf([...launches].reverse()), [[0.4, 1], [1.1, 2]])
})

test('the ratio is to the mean of the raw runs before and after, and a median of the rounds', () => {
  const figures = launchFigures({ rawAtOnce: 8, rounds: [round([100, 100], 200), round([100, 50], 100), round([50, 50], 100, 5)], left: 0 }, defaults)
  assert.equal(figure(figures, 'launch rate').value, 10)
  assert.equal(figure(figures, 'launch rate to raw').value, 0.5)
  assert.deepEqual(figure(figures, 'launch rate to raw').goals, [{ of: 'value', atLeast: 0.95 }])
  assert.equal(figure(figures, 'raw to raw (A/A)').value, 1)
  assert.equal(figure(figures, 'docker run -d, 8 at once').count, 1)
  assert.equal(figure(figures, 'event loop beyond a bare one, p99').value, 4)
})

test('every raw run counts once among the raw latencies', () => {
  const figures = launchFigures({ rawAtOnce: 8, rounds: [round([100, 50], 10), round([50, 50], 10)], left: 0 }, defaults)
  assert.equal(figure(figures, 'whole launch, raw, 8 at once').count, 30)
})

test('latencies are held against raw\'s only where both are driven alike', () => {
  const measured = { rawAtOnce: 1, rounds: [round([100, 100], 106)], left: 0 }
  const has = (values: Partial<LaunchValues>): boolean => launchFigures(measured, { ...defaults, ...values }).some(({ name }) => name === 'added by the agent')
  assert.equal(has({}), false)
  assert.equal(has({ concurrency: 24 }), false)
  assert.equal(has({ rate: 5 }), true)
  const idle = figure(launchFigures(measured, { ...defaults, concurrency: 1 }), 'added by the agent')
  assert.ok(Math.abs((idle.p50 ?? NaN) - 6) < 1e-6)
  assert.deepEqual(idle.goals?.map(({ of }) => of), ['p50', 'p99'])
})

test('stages are told in the order of a launch, and what a launch worked without its queues', () => {
  const told = (stage: string, queue_ms: number, duration_ms: number): ContainerTold['stages'][number] => ({ stage, outcome: 'ok', queue_ms, duration_ms })
  const container: ContainerTold = { task_id: 't', sandbox: '/s', stages: [told('create', 5, 20), told('start', 100, 30)] }
  const slower: ContainerTold = { ...container, stages: [told('create', 7, 40), told('start', 100, 30)] }
  assert.equal(workMs(container), 50)
  assert.deepEqual(stageTimes([container, slower])[0], { stage: 'create', queue: { p50: 5, p99: 7 }, took: { p50: 20, p95: 40, p99: 40 } })
  assert.deepEqual(stageTimes([container, slower]).map(({ stage }) => stage), ['create', 'start'])
})

test('an agent has room for all that is launched at once', () => {
  assert.equal(resourcesFor(200), 'cpus:64;mem:65536;disk:10000')
  assert.equal(resourcesFor(10_000), 'cpus:101;mem:320032;disk:10000')
})

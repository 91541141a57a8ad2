import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allMetrics } from '../../../src/all-metrics.ts'
import { silentLog } from '../../../src/base/log.ts'
import { surroundings } from '../../../src/cli/surroundings.ts'
import type { Container } from '../../../src/containerizer/container.ts'
import { Containerizer } from '../../../src/containerizer/containerizer.ts'
import { FetchCache } from '../../../src/containerizer/fetch-cache/fetch-cache.ts'
import { recoveryTable, type Finding } from '../../../src/containerizer/recovery-table.ts'
import type { Engine, Listed } from '../../../src/engine/port.ts'
import { lanesFrom } from '../../../src/lane-limits.ts'
import { labels, type ContainerSpec } from '../../../src/model/container-spec.ts'
import type { EngineState, Inspected } from '../../../src/model/inspected.ts'
import { resolveSettings } from '../../../src/model/resolve-settings.ts'
import { fetchSettings } from '../../../src/open-fetch-cache.ts'
import type { Pool } from '../../../src/pool/pool.ts'
import type { Change } from '../../../src/store/checkpoint.ts'
import { phases, type ContainerRecord, type Phase } from '../../../src/store/records.ts'

const findings: readonly Finding[] = ['missing', 'created', 'running', 'paused', 'restarting', 'exited', 'dead', 'removing']
const patience = AbortSignal.timeout(60_000)

/** One container on an engine that does what it is told at once. */
function engineWith (finding: Finding): Engine & { signals: string[], has (): boolean } {
  let state: EngineState | undefined = finding === 'missing' ? undefined : finding
  const signals: string[] = []
  const listed = (): Listed[] => state === undefined ? [] : [{
    id: 'e1', name: 'mesos-c1', state, exitCode: 7, labels: { [labels.agent]: 'i', [labels.container]: 'c1' }, createdAt: 0,
  }]
  const engine: Partial<Engine> = {
    ping: async () => {},
    list: async () => listed(),
    listNetworks: async () => [],
    async * events (_label, signal) { await new Promise(resolve => { signal.addEventListener('abort', resolve) }) },
    inspect: async () => state && { id: 'e1', running: state === 'running', pid: 1, status: state, exitCode: 7, oomKilled: false } as Inspected,
    async kill (_id, signal) { signals.push(signal); state = 'exited' },
    async remove () { state = undefined },
  }
  return { ...engine as Engine, signals, has: () => state !== undefined }
}

/** A worker that never ends its job: as a log pipe is. */
const endless = { start () {}, run: (_job: string, _input: unknown, signal: AbortSignal) => new Promise((_, reject) => {
  signal.addEventListener('abort', () => { reject(signal.reason as Error) })
}) } as unknown as Pool

/** One that finds nothing; `cleared` are those whose remnants it was to look for. */
function clearingPool (cleared: string[]): Pool {
  const run = async (_job: string, { engineIds = [] }: { engineIds?: string[] }) => {
    cleared.push(...engineIds)
    return { killed: 0, processes: 0 }
  }
  return { start () {}, run } as unknown as Pool
}

const spec: ContainerSpec = {
  containerId: 'c1', name: 'mesos-c1', image: 'i', forcePull: false, uris: [], command: { kind: 'image' }, environment: {}, network: 'host', cpus: 1,
  memBytes: 1 << 25, sandbox: { hostPath: '/nowhere', containerPath: '/mnt' }, labels: { [labels.container]: 'c1' }, graceMs: 100,
}

function recordOf (phase: Phase): ContainerRecord {
  return {
    phase, spec, limits: { cpus: 1, memBytes: 1 << 25 }, acceptedAtMs: 1, stages: [], graceMs: 100,
    ...(phase === 'ended' && { termination: { exitCode: 3, oomKilled: true, mayStillRun: false } }),
  }
}

async function recover (phase: Phase, finding: Finding, more: Partial<ContainerRecord> = {}) {
  const config = resolveSettings({ flags: { exitPollInterval: '50ms' }, surroundings: { ...surroundings(), env: {} } })
  const metrics = allMetrics()
  const engine = engineWith(finding)
  const [changes, cleared]: [Change[], string[]] = [[], []]
  const fetching = fetchSettings(config)
  const fetchCache = new FetchCache({
    pool: endless, dir: '', maxBytes: 0, revalidate: false, fillsAtOnce: 1, stallMs: 1, metrics: metrics.containerizer.fetchCache, log: silentLog,
  })
  const containerizer = new Containerizer({
    engine, socketPath: '', metrics: metrics.containerizer,
    pools: { pull: endless, logs: endless, fetch: endless, cgroup: clearingPool(cleared), limits: endless },
    checkpoint: { commit: async (...more) => { changes.push(...more) }, fault: undefined }, log: silentLog, instanceId: 'i', lanes: lanesFrom(config),
    logs: { fillMs: 1, holdMs: 1, engineLogBytes: 1, rotation: { maxBytes: 0, maxFiles: 1 } },
    credentials: { dockerConfig: undefined, taskHelpers: [] },
    launchTimeoutMs: 1, pullStallMs: 1, fetching, fetchCache,  queueLimit: 1, pollMs: 50, onEvent () {},
  })
  const container = containerizer.recover(new Map([['c1', { ...recordOf(phase), ...more }]])).get('c1') as Container
  await containerizer.open(patience)
  const counted = await metrics.registry.getSingleMetric('slipway_recovered_containers_total')?.get()
  const verdict = counted?.values.find(({ value }) => value === 1)?.labels['verdict']
  return { containerizer, container, engine, verdict, cleared, wasForgotten: () => changes.some(({ key, record }) => key === 'c1' && record === undefined) }
}

/** Code of the error that tells its end, or its exit code. */
type End = string | number | undefined
const cutOff = 'AGENT_RESTARTED'
const wasGone = 'NOT_FOUND'

const ends: Readonly<Record<Phase, Partial<Record<Finding, End>>>> = {
  launching: { missing: cutOff, created: cutOff, dead: cutOff, removing: cutOff, exited: 7 },
  running: { missing: wasGone, created: wasGone, exited: 7, dead: 7, removing: 7 },
  stopping: { missing: undefined, created: undefined, running: 7, paused: 7, restarting: 7, exited: 7, dead: 7, removing: 7 },
  ended: { missing: 3, created: 3, running: 3, paused: 3, restarting: 3, exited: 3, dead: 3, removing: 3 },
}

for (const phase of phases) {
  for (const finding of findings) {
    test(`a container that was ${phase}, and that the engine has as ${finding}: ${recoveryTable[phase][finding]}`, async () => {
      const { containerizer, container, engine, verdict, wasForgotten } = await recover(phase, finding)
      assert.equal(verdict, recoveryTable[phase][finding])
      if (finding in ends[phase]) {
        await container.gone.promise
        const { exitCode, error, oomKilled, mayStillRun } = container.termination ?? {}
        assert.deepEqual([error?.code ?? exitCode, oomKilled, mayStillRun], [ends[phase][finding], phase === 'ended', false])
        assert.deepEqual([engine.has(), wasForgotten()], [false, true])
      } else {
        await container.running.promise
        assert.deepEqual([container.state, container.engineId, engine.has(), engine.signals], ['running', 'e1', true, []])
      }
      if (phase === 'stopping' && verdict === 'adopt') assert.equal(engine.signals[0], 'SIGTERM')
      await containerizer.close(0)
      assert.equal(engine.has(), false)
    })
  }
}

for (const [outcome, expected] of [['ok', []], ['failed', ['e1']], ['cancelled', ['e1']], ['running', ['e1']]] as const) {
  for (const phase of ['stopping', 'ended'] as const) {
    test(`what an engine may have begun is looked for where a container was ${phase} and its start: ${outcome}`, async () => {
      const stages = [{ stage: 'start', startedAtMs: 1, queueMs: 0, durationMs: 1, outcome }]
      const { containerizer, container, cleared } = await recover(phase, 'created', { stages, engineId: 'e1' })
      await container.gone.promise
      await containerizer.close(0)
      assert.deepEqual(cleared, expected)
    })
  }
}

test('a container of an earlier run that is killed before the engine answers is ended when it does', async () => {
  for (const phase of ['launching', 'running', 'stopping'] as const) {
    const { containerizer, container, engine } = await recover(phase, 'running')
    await containerizer.destroy(container, 0, 'killed')
    assert.deepEqual([container.state, engine.has()], ['gone', false])
    await containerizer.close(0)
  }
})

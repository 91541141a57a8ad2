import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { silentLog } from '../../../src/base/log.ts'
import { containerizerMetrics } from '../../../src/containerizer/metrics.ts'
import { SandboxGc } from '../../../src/containerizer/sandbox-gc.ts'
import { AgentError } from '../../../src/model/errors.ts'
import type { FoundSandbox } from '../../../src/pool/jobs.ts'
import type { Pool } from '../../../src/pool/pool.ts'

const calm = new AbortController().signal
const hourMs = 3_600_000

type Ages = Readonly<Record<string, number>>

/** Sandboxes by the hours since their last change; what is removed of them in one round, in order. */
async function removed (ages: Ages, usedRatio: number, alive: readonly string[] = [], stuck: readonly string[] = []): Promise<string[]> {
  const gone: string[] = []
  const found = Object.entries(ages).map(([containerId, hours]): FoundSandbox => ({
    path: `/runs/${containerId}`, containerId, isDiscarded: false, usedAtMs: Date.now() - hours * hourMs, temporary: [],
  }))
  const pool = {
    async run (job: string, { path = '' }: { path?: string }) {
      if (job === 'sandboxes') return { usedRatio, found }
      if (stuck.some(id => path.endsWith(id))) throw new AgentError('SANDBOX_FAILED', 'stuck')
      gone.push(path.slice('/runs/'.length))
      return { entries: 1 }
    },
  } as unknown as Pool
  const metrics = containerizerMetrics(new Registry())
  const gc = new SandboxGc({
    pool, workDir: '/work', delayMs: 100 * hourMs, diskHeadroom: 0.1, everyMs: 1_000, log: silentLog, metrics, isAlive: id => alive.includes(id),
  })
  await gc.round(calm)
  return gone
}

test('a sandbox may become as old as the disk has room: the delay, times what is neither used nor headroom', async () => {
  assert.deepEqual(await removed({ young: 1, middle: 50, old: 95 }, 0), ['old'])
  assert.deepEqual(await removed({ young: 1, middle: 50, old: 95 }, 0.39), ['old'])
  assert.deepEqual(await removed({ young: 1, middle: 50, old: 95 }, 0.41), ['old', 'middle'])
  assert.deepEqual(await removed({ young: 0, middle: 50, old: 95 }, 0.9), ['old', 'middle', 'young'])
  assert.deepEqual(await removed({ young: 0 }, 1), ['young'])
})

test('one of a container that is not confirmed gone stays, however old and however full the disk', async () => {
  assert.deepEqual(await removed({ a: 1_000, b: 1_000 }, 1, ['a']), ['b'])
})

test('one that cannot be removed does not keep the others from going', async () => {
  assert.deepEqual(await removed({ a: 300, b: 200, c: 150 }, 0.5, [], ['b']), ['a', 'c'])
})

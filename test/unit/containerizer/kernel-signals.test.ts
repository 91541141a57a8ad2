import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deferred } from '../../../src/base/deferred.ts'
import type { Container } from '../../../src/containerizer/container.ts'
import { KernelSignals, type KernelSignalsDeps } from '../../../src/containerizer/kernel-signals.ts'
import { eventually } from '../../support/eventually.ts'

interface Ground { readonly containers: Container[], readonly killed: string[], readonly signals: KernelSignals }

/** Containers that end when their `end` is called; a kernel that remembers whom it was asked to kill. */
function ground (count: number): Ground {
  const killed: string[] = []
  const pool = {
    run: async (_job: string, { engineId, signal }: { engineId: string, signal?: string }) => {
      if (signal === 'SIGKILL') killed.push(engineId)
      return { processes: 1 }
    },
  }
  const deps = {
    pool, closing: new AbortController().signal, notice: () => {},
    lanes: { run: async (_ticket: unknown, operation: (signal: AbortSignal) => Promise<unknown>) => await operation(deps.closing) },
    log: { debug: () => {}, info: () => {} }, metrics: { engine: { kernelSignals: { inc: () => {} } } },
  } as unknown as KernelSignalsDeps
  const containers = Array.from({ length: count }, (_, at) => {
    const ended = deferred()
    return { id: `c${at}`, engineId: `e${at}`, ended, termination: undefined, end: () => { ended.resolve() } } as unknown as Container
  })
  return { containers, killed, signals: new KernelSignals(deps) }
}

function end (container: Container | undefined): void {
  container?.end({ exitCode: 137, oomKilled: false, mayStillRun: false, error: undefined })
}

test('eight containers are killed at once, and the next when one has ended', async () => {
  const { containers, killed, signals } = ground(20)
  const kills = containers.map(one => signals.killInTurn(one))
  assert.deepEqual(await Promise.all(kills.slice(0, 8)), Array.from({ length: 8 }, () => true))
  assert.equal(killed.length, 8)
  for (const one of containers.slice(0, 3)) end(one)
  assert.deepEqual(await Promise.all(kills.slice(8, 11)), [true, true, true])
  assert.deepEqual(killed, containers.slice(0, 11).map(({ engineId }) => engineId))
  for (const one of containers) end(one)
  await Promise.all(kills)
})

test('no container waits for the end of others for long', async () => {
  const { containers, killed, signals } = ground(20)
  const kills = containers.map(one => signals.killInTurn(one))
  await eventually(() => killed.length === 20, { withinMs: 20_000, reason: 'all were killed though none ended' })
  for (const one of containers) end(one)
  await Promise.all(kills)
})

test('one that ended while it waited for its turn is sent nothing', async () => {
  const { containers, killed, signals } = ground(9)
  const kills = containers.map(one => signals.killInTurn(one))
  const [last] = containers.slice(-1)
  Object.assign(last ?? {}, { termination: { exitCode: 0 } })
  for (const one of containers) end(one)
  await Promise.all(kills)
  assert.ok(!killed.includes('e8'))
})

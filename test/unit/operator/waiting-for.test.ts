import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Container } from '../../../src/containerizer/container.ts'
import type { PullProgress } from '../../../src/model/pull-progress.ts'
import { waitingFor } from '../../../src/operator/waiting-for.ts'
import { taskOf } from './tasks.ts'

const now = '2026-01-02T03:04:05.000Z'

function launching (): Container {
  const { container } = taskOf()
  container.move('admit')
  return container
}

test('a stage that is queued waits for its turn', t => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse(now) })
  const container = launching()
  container.timeline.begin('create')
  assert.deepEqual(waitingFor(container, () => undefined), [{ stage: 'create', outcome: 'queued', since: now, text: 'its turn in stage create' }])
})

test('a pull tells how far it is, beside a fetch that does the same', t => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse(now) })
  const container = launching()
  const progress: PullProgress = { layers: 5, layersDone: 1, bytes: 35e6, totalBytes: 210e6, layer: { id: 'a1', bytes: 35e6, totalBytes: 210e6 } }
  for (const stage of ['pull', 'fetch'] as const) {
    container.timeline.begin(stage)
    container.timeline.begun(stage, 0)
  }
  container.fetchProgress = { file: 2, files: 3, name: 'data.tgz', bytes: 10, totalBytes: undefined, bytesPerSecond: 5 }
  t.mock.timers.setTime(Date.parse(now) + 10_000)
  const since = { outcome: 'running', since: now }
  assert.deepEqual(waitingFor(container, image => image === 'app:3' ? progress : undefined), [
    {
      stage: 'pull', ...since, text: 'the image: layer 2 of 5 (a1) at 35 of 210 MB, 3.5 MB/s in all',
      progress: { layers: 5, layers_done: 1, bytes: 35e6, total_bytes: 210e6 },
    },
    {
      stage: 'fetch', ...since, text: 'its files: data.tgz, 2 of 3',
      progress: { file: 2, files: 3, name: 'data.tgz', bytes: 10, total_bytes: undefined, bytes_per_second: 5 },
    },
  ])
})

test('a running container waits for nothing, one that is stopped for its end, one that has ended for its removal', () => {
  const container = launching()
  const texts = (): unknown[] => waitingFor(container, () => undefined).map(wait => (wait as { text: string }).text)
  container.move('started')
  assert.deepEqual(texts(), [])
  container.move('cancel')
  assert.deepEqual(texts(), ['the container\'s end: SIGTERM, and SIGKILL 5 s later'])
  container.move('exit')
  assert.deepEqual(texts(), ['the engine to confirm that the container is removed'])
  container.move('remove')
  assert.deepEqual(texts(), [])
})

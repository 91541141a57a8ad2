import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pullProgress, type PullLine } from '../../../src/engine/pull-progress.ts'
import { describePull, type PullProgress } from '../../../src/model/pull-progress.ts'

const layer = (id: string, status: string, current?: number, total?: number): PullLine =>
  ({ id, status, progressDetail: { ...(current !== undefined && { current }), ...(total !== undefined && { total }) } })

/** Two layers to fetch and one that is there, in the order in which an engine tells it. */
const stream: PullLine[] = [
  { id: '3', status: 'Pulling from team/app' },
  layer('aaaa', 'Already exists'),
  layer('bbbb', 'Pulling fs layer'),
  layer('cccc', 'Pulling fs layer'),
  layer('cccc', 'Waiting'),
  layer('bbbb', 'Downloading', 5_000_000, 20_000_000),
  layer('cccc', 'Downloading', 1_000_000, 190_000_000),
  layer('bbbb', 'Verifying Checksum'),
  layer('bbbb', 'Download complete'),
  layer('bbbb', 'Extracting', 12_000_000, 20_000_000),
  layer('cccc', 'Downloading', 15_000_000, 190_000_000),
  layer('bbbb', 'Pull complete'),
  layer('cccc', 'Download complete'),
  layer('cccc', 'Pull complete'),
  { status: 'Digest: sha256:0123' },
  { status: 'Status: Downloaded newer image for team/app:3' },
]

function after (count: number, lines: PullLine[] = stream): PullProgress | undefined {
  const progress = pullProgress()
  return lines.slice(0, count).map(line => progress.add(line)).at(-1)
}

test('a line that is about no layer says nothing about layers', () => {
  assert.deepEqual(after(1), { layers: 0, layersDone: 0, bytes: 0, totalBytes: 0, layer: undefined })
})

test('a layer that exists is done, and costs no bytes', () => {
  const layer = { id: 'cccc', bytes: 0, totalBytes: 0 }
  assert.deepEqual(after(4), { layers: 3, layersDone: 1, bytes: 0, totalBytes: 0, layer })
})

test('bytes add up over the layers, and the layer that moved last is told', () => {
  const layer = { id: 'cccc', bytes: 1_000_000, totalBytes: 190_000_000 }
  assert.deepEqual(after(7), { layers: 3, layersDone: 1, bytes: 6_000_000, totalBytes: 210_000_000, layer })
})

test('extraction takes no bytes back', () => {
  const layer = { id: 'bbbb', bytes: 20_000_000, totalBytes: 20_000_000 }
  assert.deepEqual(after(10), { layers: 3, layersDone: 1, bytes: 21_000_000, totalBytes: 210_000_000, layer })
})

test('in the end every layer is done and every byte is there', () => {
  const layer = { id: 'cccc', bytes: 190_000_000, totalBytes: 190_000_000 }
  assert.deepEqual(after(stream.length), { layers: 3, layersDone: 3, bytes: 210_000_000, totalBytes: 210_000_000, layer })
})

test('a layer whose size the registry does not tell keeps the bytes that came', () => {
  const lines = [layer('aaaa', 'Downloading', 7_000_000), layer('aaaa', 'Download complete')]
  assert.equal(after(2, lines)?.bytes, 7_000_000)
})

test('a pull is described by its moving layer, its bytes and its rate', () => {
  assert.equal(describePull(after(11), 10_000), 'layer 2 of 3 (cccc) at 15 of 190 MB, 3.5 MB/s in all')
  assert.equal(describePull(after(7), 2_000), 'layer 2 of 3 (cccc) at 1.0 of 190 MB, 3.0 MB/s in all')
  assert.equal(describePull(after(stream.length), 21_000), 'layer 3 of 3 (cccc) at 190 of 190 MB, 10.0 MB/s in all')
})

test('a pull without a layer yet is described too, at any moment', () => {
  assert.equal(describePull(undefined, 60_000), 'the registry had sent no layer yet')
  assert.equal(describePull(after(1), 60_000), 'the registry had sent no layer yet')
  assert.match(describePull(after(5), 0), / 0\.0 MB\/s in all$/)
})

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { pipeline } from 'node:stream/promises'
import { engineGround } from '../support/engine-ground.ts'
import { eventually } from '../support/eventually.ts'

const ground = engineGround()
const { skip, image } = ground
const floodBytes = 200_000_000
const lines = 1_000_000
/** Nobody knows these bytes beforehand: the container tells their hash on stderr. */
const noise = 'dd if=/dev/urandom of=/tmp/noise bs=1048576 count=32 2>/dev/null; busybox sha256sum /tmp/noise >&2; exec cat /tmp/noise'
const oneByOne = `i=0; while [ $i -lt ${lines} ]; do echo x; i=$((i+1)); done`
/** The test's own process takes part of it; what would be kept of 200 MB would be far more. */
const memoryLimitBytes = 120e6
const samplingMs = 20


async function sha256 (path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

function sha256OfRepeated (text: string, bytes: number): string {
  const hash = createHash('sha256')
  const block = Buffer.from(text.repeat(10_000))
  for (let left = bytes; left > 0; left -= block.length) hash.update(left < block.length ? block.subarray(0, left) : block)
  return hash.digest('hex')
}

/** By how much the process grows, at its worst, while the work is done. */
async function growth (work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage.rss()
  let peak = before
  const sampler = setInterval(() => { peak = Math.max(peak, process.memoryUsage.rss()) }, samplingMs)
  try {
    await work()
  } finally {
    clearInterval(sampler)
  }
  return peak - before
}

async function assertFinished (...taskIds: string[]): Promise<void> {
  for (const id of taskIds) assert.equal((await ground.framework.end(id)).state, 'TASK_FINISHED')
}

test('a flood, a million short lines and binary reach their sandboxes byte for byte, side by side', { skip, timeout: 120_000 }, async (t: TestContext) => {
  const flood = `yes 'all work and no play' | head -c ${floodBytes}`
  const startedAt = performance.now()
  const grownBytes = await growth(async () => {
    await ground.framework.launch({ id: 'flood', image, shell: flood }, { id: 'lines', image, shell: oneByOne }, { id: 'noise', image, shell: noise, mem: 128 })
    await ground.framework.until('flood', 'TASK_RUNNING')
    // It comes and goes while the others print.
    const [echo = ''] = await ground.framework.launch({ image, argv: ['echo', 'hello'] })
    await assertFinished(echo)
    assert.equal(ground.framework.statuses.get('flood')?.at(-1)?.state, 'TASK_RUNNING', 'the flood was over before the small one')
    assert.equal(await ground.read(echo), 'hello\n')
    await assertFinished('flood', 'lines', 'noise')
  })
  const seconds = (performance.now() - startedAt) / 1000
  t.diagnostic(`the three took ${seconds.toFixed(1)} s; the process grew by ${(grownBytes / 1e6).toFixed(0)} MB at its worst`)

  assert.equal(await sha256(ground.inSandbox('flood', 'stdout')), sha256OfRepeated('all work and no play\n', floodBytes))
  assert.equal(await sha256(ground.inSandbox('lines', 'stdout')), sha256OfRepeated('x\n', 2 * lines))
  const [told] = (await ground.read('noise', 'stderr')).split(' ')
  assert.equal(await sha256(ground.inSandbox('noise', 'stdout')), told)
  assert.ok(grownBytes < memoryLimitBytes, `the process grew by ${grownBytes} bytes`)
  await eventually(async () => { assert.ok(await ground.agent.metric('slipway_log_bytes_total{stream="stdout"}') >= floodBytes + 2 * lines) })
  assert.equal(await ground.agent.metric('slipway_log_pipe_failures_total'), 0)
})

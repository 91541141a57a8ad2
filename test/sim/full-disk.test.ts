import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const skip = process.getuid?.() !== 0 || spawnSync('unshare', ['-m', 'true']).status !== 0 ? 'needs root for a disk of its own' : false

test('on a full disk launches are refused with the reason, tasks that run go on and are told of, and it heals by itself', { skip }, async () => {
  const disk = await mkdtemp(join(tmpdir(), 'slipway-disk-'))
  try {
    const script = fileURLToPath(new URL('../support/full-disk-agent.js', import.meta.url))
    const line = `mount -t tmpfs -o size=8m none ${disk} && TMPDIR=${disk} exec ${process.execPath} ${script}`
    const { stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', line], { encoding: 'utf8', timeout: 120_000 })
    assert.deepEqual(stdout.trim().split('\n'), [
      'TASK_FAILED DISK_FULL', 'health DISK_FULL, writable 0', 'TASK_FAILED DISK_FULL: no task can be taken on', 'the one that ran: TASK_KILLED',
      'healed, writable 1', 'TASK_FINISHED',
    ], stderr)
  } finally {
    await rm(disk, { recursive: true, force: true })
  }
})

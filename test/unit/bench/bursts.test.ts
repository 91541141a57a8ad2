import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as turn } from 'node:timers/promises'
import { burstMs, burstOutput, burstShell } from '../../../bench/load/logs/burst.ts'
import { linesIn, printedOn } from '../../../bench/load/fleet/line-printer.ts'
import { killIfThere } from '../../support/engine-place.ts'
import { needsPrograms } from '../../support/requires.ts'

test('a writer prints when it is told to, and just what it is taken to have printed', needsPrograms('busybox', 'yes'), async () => {
  const sandbox = await mkdtemp(join(tmpdir(), 'slipway-burst-'))
  const [output, block] = [join(sandbox, 'stdout'), join(sandbox, 'block')]
  const file = await open(output, 'w')
  const words = ['-c', burstShell(2).replaceAll('/tmp/block', block)]
  const writer = spawn('sh', words, { stdio: ['ignore', file.fd, 'inherit'], env: { ...process.env, MESOS_SANDBOX: sandbox }, detached: true })
  try {
    for (const burst of [0, 1]) assert.ok(await burstMs([{ sandbox, output }], burst, 30_000) > 0)
    assert.equal(await readFile(output, 'utf8'), [...burstOutput(2, 2)].join(''))
  } finally {
    if (writer.pid !== undefined) killIfThere(-writer.pid)
    await file.close()
    await rm(sandbox, { recursive: true })
  }
})

test('lines that are missing, doubled or out of order are found', async () => {
  const sandbox = await mkdtemp(join(tmpdir(), 'slipway-lines-'))
  const stdout = await open(join(sandbox, 'stdout'), 'w')
  try {
    await stdout.appendFile('line 0\nline 1\n')
    assert.equal(await linesIn(sandbox), 2)
    const more = printedOn([sandbox], 30_000)
    let isThere = false
    void more.finally(() => { isThere = true })
    let lines = 2
    for (; !isThere; await turn(20)) await stdout.appendFile(`line ${lines++}\n`)
    assert.ok(await more >= 3)
    await stdout.appendFile(`line ${lines + 1}\n`)
    await assert.rejects(linesIn(sandbox), /is not what was printed/)
  } finally {
    await stdout.close()
    await rm(sandbox, { recursive: true })
  }
})

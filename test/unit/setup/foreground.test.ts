import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { eventually } from '../../support/eventually.ts'

/** Tells its pid when it runs, and of its end. */
const work = `process.once('SIGTERM', () => { console.log('told to end'); process.exit() }); setInterval(() => {}, 1000); console.log(process.pid)`
const script = `import { catchSignals, runForeground } from ${JSON.stringify(pathToFileURL(join('src', 'setup', 'foreground.mjs')).href)}
  await runForeground(['-e', ${JSON.stringify(work)}], catchSignals())`
/** As npm's shell does: it waits, and ends alone when it is told to. */
const shell = `require('node:child_process').spawn(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(script)}], { stdio: 'inherit' })`

test('what npm runs is told to end when npm was told, whose shell passes nothing on', { timeout: 60_000 }, async () => {
  const npm = spawn(process.execPath, ['-e', shell], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, npm_lifecycle_event: 'bench' } })
  const lines = createInterface({ input: npm.stdout })[Symbol.asyncIterator]()
  const pid = Number((await lines.next()).value)
  npm.kill('SIGTERM')
  await once(npm, 'exit')
  assert.equal((await lines.next()).value, 'told to end')
  await eventually(() => { assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' }) })
})

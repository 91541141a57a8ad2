import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { text } from 'node:stream/consumers'

/** The 99th percentile of how late the event loop was. */
export interface LoopDelays { readonly oursMs: number, readonly bareMs: number }

const resolution = 5
const bareProcess = `
  const watch = require('node:perf_hooks').monitorEventLoopDelay({ resolution: ${resolution} })
  watch.enable()
  process.stdin.resume().once('end', () => { console.log(watch.percentile(99)) })`

/** Runs the work in this process, beside a node process that does nothing: the difference is what the work does to the event loop. */
export async function measureLoopDelay (work: () => Promise<void>): Promise<LoopDelays> {
  const bare = spawn(process.execPath, ['-e', bareProcess], { stdio: ['pipe', 'pipe', 'inherit'] })
  const said = text(bare.stdout)
  const watch = monitorEventLoopDelay({ resolution })
  watch.enable()
  try {
    await work()
  } finally {
    watch.disable()
    bare.stdin.end()
    if (bare.exitCode === null) await once(bare, 'exit')
  }
  return { oursMs: watch.percentile(99) / 1e6, bareMs: Number(await said) / 1e6 }
}

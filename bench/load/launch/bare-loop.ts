import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** As the agent's own metrics measure it. */
const resolution = 10
const program = `
  const watch = require('node:perf_hooks').monitorEventLoopDelay({ resolution: ${resolution} })
  watch.enable()
  process.stdin.resume().once('end', () => { console.log(watch.percentile(99) / 1e6) })`

export interface BareLoop { p99Ms (): Promise<number> }

/** Watches the event loop of a process that does nothing: what it is late by is the machine's, and ends when it is asked. */
export function watchBareLoop (): BareLoop {
  const bare = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [said, ended] = [text(bare.stdout), once(bare, 'exit')]
  return {
    async p99Ms () {
      bare.stdin.end()
      await ended
      return Number(await said)
    },
  }
}

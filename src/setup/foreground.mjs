import { spawn, spawnSync } from 'node:child_process'
import { constants } from 'node:os'

/** A Ctrl-C comes several times at once: from the terminal, and from npm, which passes on what it got itself. */
const sameKeyMs = 500

/** From now on a signal does not end this process: it is passed on to the child, once there is one. */
export function catchSignals () {
  const signals = { caught: undefined, child: undefined }
  let lastMs = -Infinity
  const onSignal = name => {
    const nowMs = performance.now()
    if (nowMs - lastMs < sameKeyMs) return
    lastMs = nowMs
    signals.caught ??= name
    signals.child?.kill(name === 'SIGHUP' ? 'SIGTERM' : name)
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => { onSignal(name) })
  onOrphaned(() => { onSignal('SIGTERM') })
  return signals
}

/** npm that is told to end tells its shell alone, which ends without telling us. */
function onOrphaned (then) {
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    then()
  }, 1_000).unref()
}

/** Runs node with these arguments until it ends; answers its exit code, as a shell has it. */
export function runForeground (args, signals) {
  if (signals.caught !== undefined) return Promise.resolve(128 + constants.signals[signals.caught])
  const [command, ...rest] = [...dieWithUs(), process.execPath, ...args]
  return new Promise((resolve, reject) => {
    // In a session of its own it gets each signal from us alone, once: a second one means "at once" to it.
    signals.child = spawn(command, rest, { stdio: 'inherit', detached: true })
    signals.child.once('error', reject)
    signals.child.once('exit', (code, signal) => { resolve(code ?? 128 + constants.signals[signal]) })
  })
}

/** Where the system can do it, a kill -9 of this process ends the child in order. */
function dieWithUs () {
  const prefix = ['setpriv', '--pdeathsig', 'TERM']
  return spawnSync(prefix[0], [...prefix.slice(1), 'true'], { stdio: 'ignore' }).status === 0 ? prefix : []
}

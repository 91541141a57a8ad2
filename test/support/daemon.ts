import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { eventually } from './eventually.ts'

export interface Daemon {
  readonly pid: number
  signal (name: NodeJS.Signals): void
  kill (): Promise<void>
  /** SIGTERM, and SIGKILL when that is not enough. Returns once it is gone. */
  end (graceMs: number): Promise<void>
}

export interface DaemonOptions {
  readonly command: readonly string[]
  readonly logFile: string
  isReady (): boolean | Promise<boolean>
  readonly withinMs?: number
}

/** Starts a daemon that dies with this process, and waits until it is ready; when it is not, the message carries the end of its log. */
export async function startDaemon ({ command, logFile, isReady, withinMs = 30_000 }: DaemonOptions): Promise<Daemon> {
  const child = spawnLogged(command, logFile)
  const daemon = handle(child)
  try {
    await eventually(() => hasEnded(child) || isReady(), { withinMs, reason: 'readiness' })
    if (hasEnded(child)) throw new Error('it has ended')
    return daemon
  } catch (cause) {
    await daemon.kill()
    throw new Error(`${command.join(' ')} did not start; its log ends:\n${endOf(logFile)}`, { cause })
  }
}

function spawnLogged (command: readonly string[], logFile: string): ChildProcess {
  const log = openSync(logFile, 'a')
  try {
    // Signals of the terminal are for the test run, which ends its daemons in order: they are in a session of their own.
    return spawn('setpriv', ['--pdeathsig', 'KILL', ...command], { stdio: ['ignore', log, log], detached: true })
  } finally {
    closeSync(log)
  }
}

function handle (child: ChildProcess): Daemon {
  const exited = new Promise<void>(resolve => { child.once('exit', () => { resolve() }).once('error', () => { resolve() }) })
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
  }
  return {
    pid: child.pid ?? 0,
    signal: name => { child.kill(name) },
    kill,
    async end (graceMs) {
      child.kill('SIGTERM')
      child.kill('SIGCONT')
      await Promise.race([exited, wait(graceMs, undefined, { ref: false })])
      await kill()
    },
  }
}

function hasEnded (child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

function endOf (logFile: string): string {
  return readFileSync(logFile, 'utf8').split('\n').slice(-15).join('\n')
}

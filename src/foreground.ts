import { startAgentProcess } from './agent-process.ts'
import { race } from './base/deadline.ts'
import { deferred } from './base/deferred.ts'
import type { Log } from './base/log.ts'
import { exitCodes } from './cli/exit-codes.ts'
import { listenForInterrupts, type Interrupts } from './cli/interrupts.ts'
import { loadConfig } from './cli/load-config.ts'
import { openLog } from './console-log.ts'
import { AgentError, messageOf } from './model/errors.ts'
import type { Config } from './model/settings.ts'

export type RunningAgent = Awaited<ReturnType<typeof startAgentProcess>>

/** What goes on beside the running agent; answers the exit code. */
type Work = (agent: RunningAgent, interrupts: Interrupts) => Promise<number>

/** `slipway agent`: until a signal asks for its end. Its tasks go on, unless they are to end with it. */
export async function runAgent (flags: Readonly<Record<string, unknown>>): Promise<number> {
  const config = loadConfig(flags)
  const log = openLog(config.logLevel, process.stdout)
  const isCleanup = config.recover === 'cleanup'
  const endsTasks = ({ isDrain }: Interrupts): boolean => isDrain || isCleanup || config.shutdownContainers
  return await inForeground(config, log, async ({ url }, { stop }) => {
    log.info({ url, workDir: config.workDir, authenticate: config.authenticate }, 'agent is ready')
    if (!isCleanup) await aborted(stop)
    return exitCodes.ok.code
  }, endsTasks)
}

/** What the agent makes is for others to read at most, whatever it was started with; a stricter umask stays. */
function keepOthersFromWriting (): void {
  process.umask(process.umask() | 0o022)
}

/** Starts the agent, does the work beside it, stops it. A second signal ends the process at once, whatever is under way. */
export async function inForeground (config: Config, log: Log, work: Work, endsTasks: (how: Interrupts) => boolean = () => true): Promise<number> {
  keepOthersFromWriting()
  using interrupts = listenForInterrupts(process, undefined, ['SIGUSR1'])
  const onLeave = (): void => { process.exit(exitCodes.interrupted.code) }
  interrupts.leave.addEventListener('abort', onLeave, { once: true })
  const agent = await start(config, log)
  try {
    return await work(agent, interrupts)
  } finally {
    const reason = interrupts.stop.aborted ? messageOf(interrupts.stop.reason) : 'the command has ended'
    await agent.stop(reason, endsTasks(interrupts) ? 'end' : 'leave')
    exitThoughBusy(log)
  }
}

async function start (config: Config, log: Log): Promise<RunningAgent> {
  try {
    return await startAgentProcess(config, log)
  } catch (error) {
    if (!isAddressInUse(error)) throw error
    const taken = `${config.ip}:${config.port} is taken, perhaps by another agent`
    throw new AgentError('SETTING_INVALID', `${taken}; choose another --port, or 0 for any free one`)
  }
}

function isAddressInUse (error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if ((at as NodeJS.ErrnoException).code === 'EADDRINUSE') return true
  return false
}

export async function aborted (signal: AbortSignal): Promise<void> {
  await race(deferred().promise, signal).catch(() => {})
}

/** All is stopped; should something have been forgotten, it is named and does not hold the process. */
function exitThoughBusy (log: Log): void {
  const patienceMs = 3000
  setTimeout(() => {
    log.warn({ active: process.getActiveResourcesInfo() }, 'ended although something is still active')
    process.exit()
  }, patienceMs).unref()
}

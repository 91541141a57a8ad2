import { startAgentProcess, type Over } from './agent-process.ts'
import { race } from './base/deadline.ts'
import { deferred } from './base/deferred.ts'
import type { Log } from './base/log.ts'
import { exitCodes } from './cli/exit-codes.ts'
import { listenForInterrupts, type Interrupts } from './cli/interrupts.ts'
import { loadConfig } from './cli/load-config.ts'
import { openLog } from './console-log.ts'
import { AgentError, chain, messageOf } from './model/errors.ts'
import type { Config } from './model/settings.ts'
import { setOwnPriority } from './own-priority.ts'

export type RunningAgent = Awaited<ReturnType<typeof startAgentProcess>>

/** What becomes of the tasks when the agent ends. */
type TasksEnd = Parameters<RunningAgent['stop']>[1]

/** What goes on beside the running agent; answers the exit code. */
type Work = (agent: RunningAgent, interrupts: Interrupts) => Promise<number>

/** `slipway agent`: until a signal asks for its end. Its tasks go on, unless they are to end with it. */
export async function runAgent (flags: Readonly<Record<string, unknown>>): Promise<number> {
  const config = loadConfig(flags)
  const log = openLog(config.logLevel, process.stdout)
  setOwnPriority(config.nice, log)
  const isCleanup = config.recover === 'cleanup'
  const endOf = ({ isDrain }: Interrupts): TasksEnd => isDrain ? 'end for good' : isCleanup || config.shutdownContainers ? 'end' : 'leave'
  return await inForeground(config, log, async ({ url, over }, { stop }) => {
    log.info({ url, workDir: config.workDir, authenticate: config.authenticate, master: config.master }, 'agent is ready')
    const end = isCleanup ? undefined : await Promise.race([aborted(stop), over])
    if (end?.tasks === 'leave') throw end.cause
    return exitCodes.ok.code
  }, endOf)
}

/** What the agent makes is for others to read at most, whatever it was started with; a stricter umask stays. */
function keepOthersFromWriting (): void {
  process.umask(process.umask() | 0o022)
}

/** Starts the agent, does the work beside it, stops it. A second signal ends the process at once, whatever is under way. */
export async function inForeground (config: Config, log: Log, work: Work, endOf: (how: Interrupts) => TasksEnd = () => 'end'): Promise<number> {
  keepOthersFromWriting()
  using interrupts = listenForInterrupts(process, undefined, ['SIGUSR1'])
  const onLeave = (): void => { process.exit(exitCodes.interrupted.code) }
  interrupts.leave.addEventListener('abort', onLeave, { once: true })
  const agent = await start(config, log)
  let over: Over | undefined
  void agent.over.then(end => { over = end; log.error({ error: chain(end.cause) }, 'the agent cannot go on') })
  try {
    return await work(agent, interrupts)
  } finally {
    const reason = over !== undefined ? messageOf(over.cause) : interrupts.stop.aborted ? messageOf(interrupts.stop.reason) : 'the command has ended'
    await agent.stop(reason, over?.tasks ?? endOf(interrupts))
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

export async function aborted (signal: AbortSignal): Promise<undefined> {
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

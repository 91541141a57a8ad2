import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import type { Log } from './base/log.ts'
import { messageOf } from './model/errors.ts'

const autogroup = '/proc/self/autogroup'
/** The field of /proc/PID/stat behind the name of the command: proc(5). */
const sessionField = 3

/**
 * Gives all threads of this process, and those that they start, a nice value; 0: as it was started. Where the kernel weighs whole sessions (autogroup,
 * sched(7)), the value counts within the session alone: one that is ours, as a service has it, gets the value too. A terminal's is not ours to change.
 */
export function setOwnPriority (nice: number, log: Log): void {
  if (nice === 0) return
  try {
    for (const thread of readdirSync('/proc/self/task')) setPriority(Number(thread), nice)
    if (existsSync(autogroup) && leadsItsSession()) writeFileSync(autogroup, String(nice))
  } catch (error) {
    log.info({ nice, error: messageOf(error) }, 'the agent keeps the priority that it was started with')
  }
}

function leadsItsSession (): boolean {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[sessionField]) === process.pid
}

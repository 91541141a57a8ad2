#!/usr/bin/env node
import { CommanderError } from 'commander'
import { exitCodes } from './cli/exit-codes.ts'
import { buildProgram } from './cli/program.ts'
import { explain, UsageError } from './cli/report.ts'
import { AgentError } from './model/errors.ts'

/** The command's entry. Each command loads what it needs only when it runs, so that --help is there at once. */
const program = buildProgram({
  agent: async flags => (await import('./foreground.ts')).runAgent(flags),
  run: async (options, words) => (await import('./cli/run.ts')).run(options, words),
  ps: async options => (await import('./cli/ps.ts')).ps(options),
  logs: async (task, options) => (await import('./cli/logs.ts')).logs(task, options),
  inspect: async (task, options) => (await import('./cli/inspect.ts')).inspect(task, options),
  stats: async (task, options) => (await import('./cli/stats.ts')).stats(task, options),
  cache: async (what, entries, options) => (await import('./cli/cache.ts')).cache(what, entries, options),
  update: async (task, options) => (await import('./cli/update.ts')).update(task, options),
  events: async options => (await import('./cli/events.ts')).events(options),
  completion: async shell => (await import('./cli/completion.ts')).completion(shell),
  complete: async (words, whole) => (await import('./cli/complete.ts')).complete(words, whole),
  kill: async (taskId, options) => (await import('./cli/kill.ts')).kill(taskId, options),
  cleanup: async options => (await import('./cleanup.ts')).cleanup(options, text => { process.stdout.write(text) }),
  debug: async (_what, options) => (await import('./debug-checkpoint.ts')).debugCheckpoint(options, text => { process.stdout.write(text) }),
  start: async flags => (await import('./start.ts')).start(flags),
}, exitCode => { process.exitCode = exitCode })

for (const command of [program, ...program.commands]) command.exitOverride()

// A reader that has gone, as `head` does, is no fault of ours; whoever writes much finds out by its write. A disk that is full is told.
let unwritten: NodeJS.ErrnoException | undefined
process.stdout.on('error', (error: NodeJS.ErrnoException) => { if (error.code !== 'EPIPE') unwritten ??= error })
process.stderr.on('error', () => {})
process.once('exit', () => {
  if (unwritten === undefined) return
  process.stderr.write(`slipway: not all output could be written: ${unwritten.message}\n`)
  process.exitCode ||= process.argv[2] === 'run' ? exitCodes.notLaunched.code : exitCodes.failed.code
})

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = exitCodeOf(error)
  // Commander has already told what is wrong.
  if (error instanceof UsageError) process.stderr.write(`slipway: ${error.message}\nTry \`slipway ${process.argv[2] ?? ''} --help\`.\n`)
  else if (!(error instanceof CommanderError)) process.stderr.write(explain(error))
}

function exitCodeOf (error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok.code : exitCodes.usage.code
  if (error instanceof UsageError) return exitCodes.usage.code
  return error instanceof AgentError && error.code === 'SETTING_INVALID' ? exitCodes.usage.code : exitCodes.failed.code
}

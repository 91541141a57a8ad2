import type { Command } from 'commander'
import { count } from '../model/setting-types.ts'
import { decimal, parsed, withServer } from './option-types.ts'

/** The commands about what tasks use, and may use. */

const framework = ['--framework <id>', 'The framework it belongs to, where several have a task of that name.'] as const

export function statsCommand (program: Command): Command {
  const command = program.command('stats').description('Tell what running tasks use: CPU, memory, processes, network, block I/O.')
    .argument('[task]', 'The id or the name of one task, or the id of its container (default: all that run).')
    .option(...framework)
    .option('--json', 'One JSON document, once: { "containers": […] }, each as GET /slipway/v1/stats tells it (docs/API.md).')
  return withServer(command).addHelpText('after', `
On a terminal the table is drawn again every second, the busiest first, until Ctrl-C; elsewhere it is printed once,
after a second.
CPU is cores in use, of CPUS that the task has. THROTTLED is the share of periods in which its quota ran dry.

Examples:
  $ slipway stats
  $ slipway stats web
  $ slipway stats --json | jq '.containers[].usage.mem_total_bytes'`)
}

export function updateCommand (program: Command): Command {
  const command = program.command('update').description('Change the limits of a running task.')
    .argument('<task>', 'The id or the name of the task, or the id of its container.')
    .option('--cpus <number>', 'CPUs from now on.', decimal(0.001, 1e6))
    .option('--mem <MB>', 'Memory from now on; what it uses must fit.', parsed(count(32, 1e9)))
    .option(...framework)
    .option('--json', 'Print the agent\'s answer: { "task_id", "framework_id", "container_id", "cpus", "mem_bytes" }.')
  return withServer(command).addHelpText('after', `
The new limits are in force, and the engine knows them, when it returns. One that is below what the task uses, or
beyond what the host has free, is refused and changes nothing.

Examples:
  $ slipway update web --mem 256
  $ slipway update web --cpus 0.5 --mem 128`)
}

import type { Command } from 'commander'
import { count } from '../model/setting-types.ts'
import { parsed, parsedGrace, withServer } from './option-types.ts'

/** The commands that look at tasks and end them: clients of an agent's own API. */

const task = ['<task>', 'The id or the name of the task, or the id of its container.'] as const
const framework = ['--framework <id>', 'The framework it belongs to, where several have a task of that name.'] as const

export function psCommand (program: Command): Command {
  const command = program.command('ps').description('List the tasks of the agent.')
    .option('-a, --all', 'Those that have ended, too, as far back as the agent remembers them.')
    .option('--json', 'One JSON document: { "containers": […] }, each as GET /slipway/v1/containers tells it (docs/API.md).')
  return withServer(command).addHelpText('after', `
AGE is the time since the task was accepted; of one that runs, since it was started.

Examples:
  $ slipway ps
  $ slipway ps --all
  $ slipway ps --json | jq -r '.containers[].task_id'`)
}

export function logsCommand (program: Command): Command {
  const command = program.command('logs').description('Print what a task has written: its stdout to stdout, its stderr to stderr.')
    .argument(...task)
    .option('-f, --follow', 'Go on as it grows, until the task has ended.')
    .option('--stdout', 'Its stdout only.')
    .option('--stderr', 'Its stderr only.')
    .option('--tail <lines>', 'Only the last lines of each stream.', parsed(count(0, 100_000)))
    .option(...framework)
    .option('--json', 'One JSON object a line: { "stream": "stdout", "text": "…" }; bytes that are not UTF-8 are replaced.')
  return withServer(command).addHelpText('after', `
Examples:
  $ slipway logs web
  $ slipway logs -f --tail 10 web
  $ slipway logs --stderr web 2>&1 | grep -i error`)
}

export function killCommand (program: Command): Command {
  const command = program.command('kill').description('End a task: SIGTERM, then SIGKILL after a grace.')
    .argument(...task)
    .option(...framework)
    .option('--grace <time>', 'Time between the two, as in 5s (default: the task\'s own, else the agent\'s).', parsedGrace)
    .option('--json', 'Print the agent\'s answer: { "task_id", "framework_id", "container_id" }.')
  return withServer(command).addHelpText('after', `
It does not wait for the end; \`slipway logs -f\` or \`slipway events\` do.

Examples:
  $ slipway kill web
  $ slipway kill web --grace 30s`)
}

export function inspectCommand (program: Command): Command {
  const command = program.command('inspect')
    .description('Tell all about one task: its ids, its stages with their times, what it waits for now, why it failed.')
    .argument(...task)
    .option(...framework)
    .option('--json', 'One JSON document, as GET /slipway/v1/containers/ID tells it (docs/API.md).')
  return withServer(command).addHelpText('after', `
Examples:
  $ slipway inspect web
  $ slipway inspect web --json | jq .stages`)
}

export function eventsCommand (program: Command): Command {
  const command = program.command('events').description('Print what happens to tasks and containers, as it happens, until Ctrl-C.')
    .option('--json', 'One JSON object a line, as GET /slipway/v1/events tells it (docs/API.md).')
  return withServer(command).addHelpText('after', `
Examples:
  $ slipway events
  $ slipway events --json | jq .`)
}

import { Argument, type Command } from 'commander'
import { withServer } from './option-types.ts'

export function cacheCommand (program: Command): Command {
  const command = program.command('cache').description('List what the agent keeps of URIs with `cache`, or remove some of it.')
    .addArgument(new Argument('<what>', 'To list, or to remove.').choices(['ls', 'rm']))
    .argument('[entries...]', 'With rm: ids or URIs as ls tells them.')
    .option('--all', 'With rm: all of them.')
    .option('--json', 'One JSON document: { "entries": […] } or { "removed": […] }, as the agent tells it (docs/API.md).')
  return withServer(command).addHelpText('after', `
URIs are told without user, password, query and fragment. What a task is just being given goes when that is done.

Examples:
  $ slipway cache ls
  $ slipway cache rm http://host/app.tar.gz
  $ slipway cache rm --all`)
}

import type { Command } from 'commander'
import { buildProgram, type Actions } from '../../../src/cli/program.ts'
import { page } from './markdown.ts'

/** Whatever the command, it does nothing. */
const nothing = new Proxy({}, { get: () => async () => 0 }) as Actions

/** docs/cli.md: what --help says. */
export function cliPage (): string {
  const program = buildProgram(nothing, () => {})
  const commands = program.commands.filter(command => !['version', 'complete'].includes(command.name()))
  return page('The command line',
    'What `--help` says of each command. `start` is what `npm start` runs. [config.md](config.md) tells more about the settings.',
    section('slipway', program), ...commands.map(command => section(`slipway ${command.name()}`, command)))
}

function section (title: string, command: Command): string {
  return `## ${title}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``
}

/** All of the help, at a fixed width: --help itself fits the terminal. */
function helpOf (command: Command): string {
  let text = ''
  const write = (part: string): void => { text += part }
  command.configureOutput({ writeOut: write, writeErr: write, getOutHelpWidth: () => 100, getOutHasColors: () => false })
  command.outputHelp()
  return text.trimEnd().replace(/ +$/gm, '')
}

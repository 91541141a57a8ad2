import { Argument, Command, Option } from 'commander'
import { version } from '../model/version.ts'
import { cacheCommand } from './cache-command.ts'
import type { CacheOptions } from './cache.ts'
import { shells, type Shell } from './completion.ts'
import type { EventsOptions } from './events.ts'
import { exitCodeHelp, exitCodes } from './exit-codes.ts'
import type { InspectOptions } from './inspect.ts'
import type { KillOptions } from './kill.ts'
import type { LogsOptions } from './logs.ts'
import type { PsOptions } from './ps.ts'
import { runCommand } from './run-command.ts'
import type { RunOptions } from './run.ts'
import { addSettingFlags } from './setting-flags.ts'
import type { StatsOptions } from './stats.ts'
import { eventsCommand, inspectCommand, killCommand, logsCommand, psCommand } from './task-commands.ts'
import type { UpdateOptions } from './update.ts'
import { statsCommand, updateCommand } from './usage-commands.ts'

export interface CleanupOptions { readonly instance?: string, readonly dockerSocket?: string, readonly json?: boolean }

export interface DebugOptions { readonly workDir?: string, readonly json?: boolean }

export type Flags = Readonly<Record<string, unknown>>

/** What the commands do; each answers the exit code. Handed in, so that the command line itself loads nothing. */
export interface Actions {
  agent (flags: Flags): Promise<number>
  run (options: RunOptions, words: readonly string[]): Promise<number>
  ps (options: PsOptions): Promise<number>
  logs (task: string, options: LogsOptions): Promise<number>
  inspect (task: string, options: InspectOptions): Promise<number>
  kill (task: string, options: KillOptions): Promise<number>
  stats (task: string | undefined, options: StatsOptions): Promise<number>
  update (task: string, options: UpdateOptions): Promise<number>
  events (options: EventsOptions): Promise<number>
  cache (what: 'ls' | 'rm', entries: readonly string[], options: CacheOptions): Promise<number>
  cleanup (options: CleanupOptions): Promise<number>
  completion (shell: Shell): Promise<number>
  /** What may stand where the last of the words is being typed. */
  complete (words: readonly string[], program: Command): Promise<number>
  debug (what: 'checkpoint', options: DebugOptions): Promise<number>
  start (flags: Flags): Promise<number>
}

/** The command line. `onEnd` gets the exit code of the command that ran. */
export function buildProgram (actions: Actions, onEnd: (exitCode: number) => void): Command {
  const program = new Command('slipway')
    .description('Launches Docker containers for a scheduler, fast, and cleans up after every one of them.')
    .version(`slipway ${version}`, '--version', 'Print the version.')
    .helpOption('-h, --help', 'Print this help; `slipway COMMAND --help` tells about a command.')
    .helpCommand('help [command]', 'Print the help of a command.')
    .enablePositionalOptions()
    .showHelpAfterError('Try `slipway --help`.')
    .addHelpText('after', exitCodeHelp())
  agentCommand(program).action(async (flags: Flags) => { onEnd(await actions.agent(flags)) })
  runCommand(program).action(async (words: string[], options: RunOptions) => { onEnd(await actions.run(options, words)) })
  psCommand(program).action(async (options: PsOptions) => { onEnd(await actions.ps(options)) })
  logsCommand(program).action(async (task: string, options: LogsOptions) => { onEnd(await actions.logs(task, options)) })
  inspectCommand(program).action(async (task: string, options: InspectOptions) => { onEnd(await actions.inspect(task, options)) })
  killCommand(program).action(async (task: string, options: KillOptions) => { onEnd(await actions.kill(task, options)) })
  statsCommand(program).action(async (task: string | undefined, options: StatsOptions) => { onEnd(await actions.stats(task, options)) })
  updateCommand(program).action(async (task: string, options: UpdateOptions) => { onEnd(await actions.update(task, options)) })
  eventsCommand(program).action(async (options: EventsOptions) => { onEnd(await actions.events(options)) })
  cacheCommand(program).action(async (what: 'ls' | 'rm', entries: string[], options: CacheOptions) => { onEnd(await actions.cache(what, entries, options)) })
  cleanupCommand(program).action(async (options: CleanupOptions) => { onEnd(await actions.cleanup(options)) })
  completionCommand(program).action(async (shell: Shell) => { onEnd(await actions.completion(shell)) })
  completeCommand(program).action(async (words: string[]) => { onEnd(await actions.complete(words, program)) })
  debugCommand(program).action(async (what: 'checkpoint', options: DebugOptions) => { onEnd(await actions.debug(what, options)) })
  startCommand(program).action(async (flags: Flags) => { onEnd(await actions.start(flags)) })
  program.command('version').description('Print the version.').action(() => {
    process.stdout.write(`slipway ${version}\n`)
    onEnd(exitCodes.ok.code)
  })
  for (const command of program.commands) command.showHelpAfterError(`Try \`slipway ${command.name()} --help\`.`)
  return program
}

function agentCommand (program: Command): Command {
  const command = program.command('agent')
    .description('Run the agent in the foreground: with a scheduler API of its own for this host (solo mode), or as an agent of a Mesos cluster.')
  return addSettingFlags(command)
    .addHelpText('after', `
Examples:
  $ slipway agent
  $ slipway agent --work-dir /srv/slipway --port 0 --log-level debug
  $ SLIPWAY_RESOURCES='cpus:4;mem:8192' slipway agent --config /etc/slipway.json
  $ slipway agent --ip 10.0.0.7 --master zk://10.0.0.1:2181,10.0.0.2:2181/mesos

SIGTERM or Ctrl-C ends the agent and leaves its tasks alone: the next run on the same work directory goes on with them. With --shutdown-containers,
or by SIGUSR1, its tasks are ended first; by SIGUSR1 it leaves its Mesos cluster for good as well. A second signal ends the agent at once.`)
}

function cleanupCommand (program: Command): Command {
  return program.command('cleanup').description('List the instances whose containers are on the engine, or remove the containers of one.')
    .option('--instance <id>', 'Remove the containers of this instance. Refused while an agent of it runs.')
    .option('--docker-socket <path>', 'The socket of the Docker Engine (default: as for `slipway agent`).')
    .option('--json', 'Print one JSON document.')
    .addHelpText('after', `
An instance is one work directory and what was launched from it; its id stands in <work dir>/agent.json.
Its agent removes what an earlier run left by itself: this is for instances that have no agent any more.

Examples:
  $ slipway cleanup
  $ slipway cleanup --instance 6f9619ff-8b86-4d01-b42d-00cf4fc964ff`)
}

function completionCommand (program: Command): Command {
  return program.command('completion').description('Print a script that teaches your shell to complete commands, options and tasks.')
    .addArgument(new Argument('<shell>', 'Your shell.').choices(shells))
    .addHelpText('after', `
Put it where the shell reads it when it starts:
  bash  $ echo 'source <(slipway completion bash)' >> ~/.bashrc
  zsh   $ echo 'source <(slipway completion zsh)' >> ~/.zshrc     (after compinit)
  fish  $ slipway completion fish > ~/.config/fish/completions/slipway.fish`)
}

/** What the scripts call with the words typed so far, the last one perhaps unfinished or empty. */
function completeCommand (program: Command): Command {
  return program.command('complete', { hidden: true }).description('Print what may come next: what completion scripts ask.')
    .argument('[words...]').helpOption(false)
}

function debugCommand (program: Command): Command {
  return program.command('debug').description('Look into what an agent keeps for itself; it may run meanwhile.')
    .addArgument(new Argument('<what>', 'checkpoint: what it wrote down of containers, tasks, updates and frameworks.').choices(['checkpoint']))
    .option('--work-dir <path>', 'The agent\'s work directory (default: as for `slipway agent`).')
    .option('--json', 'Print one JSON document.')
    .addHelpText('after', `
Values of environment variables are not shown.

Examples:
  $ slipway debug checkpoint
  $ slipway debug checkpoint --work-dir /srv/slipway --json`)
}

function startCommand (program: Command): Command {
  const command = program.command('start', { hidden: true }).description('Run the agent and one sample task: what `npm start` does.')
    .option('--exit', 'End after the sample task.')
  const refuse = (): never => command.error('error: start runs an agent that is on its own; to join a cluster: slipway agent --master <address>')
  return addSettingFlags(command, ['master']).addOption(new Option('--master <address>').argParser(refuse).hideHelp())
}

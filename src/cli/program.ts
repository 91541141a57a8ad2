import { Command, InvalidArgumentError, Option } from 'commander'
import { messageOf } from '../model/errors.ts'
import { count, parseDuration, type SettingType } from '../model/setting-types.ts'
import { version } from '../model/version.ts'
import { exitCodes } from './exit-codes.ts'
import type { KillOptions } from './kill.ts'
import type { RunOptions } from './run.ts'
import { addSettingFlags } from './setting-flags.ts'

export interface CleanupOptions { readonly instance?: string, readonly dockerSocket?: string, readonly json?: boolean }

export type Flags = Readonly<Record<string, unknown>>

/** What the commands do; each answers the exit code. Handed in, so that the command line itself loads nothing. */
export interface Actions {
  agent (flags: Flags): Promise<number>
  run (options: RunOptions, words: readonly string[]): Promise<number>
  kill (taskId: string, options: KillOptions): Promise<number>
  cleanup (options: CleanupOptions): Promise<number>
  start (flags: Flags): Promise<number>
}

/** The command line. `onEnd` gets the exit code of the command that ran. */
export function buildProgram (actions: Actions, onEnd: (exitCode: number) => void): Command {
  const program = new Command('slipway')
    .description('Launches Docker containers for a scheduler, fast, and cleans up after every one of them.')
    .version(`slipway ${version}`, '--version', 'Print the version.')
    .helpOption('-h, --help', 'Print this help; `slipway COMMAND --help` tells about a command.')
    .helpCommand(false)
    .enablePositionalOptions()
    .showHelpAfterError('Try --help.')
    .addHelpText('after', exitCodeHelp())
  agentCommand(program).action(async (flags: Flags) => { onEnd(await actions.agent(flags)) })
  runCommand(program).action(async (words: string[], options: RunOptions) => { onEnd(await actions.run(options, words)) })
  killCommand(program).action(async (taskId: string, options: KillOptions) => { onEnd(await actions.kill(taskId, options)) })
  cleanupCommand(program).action(async (options: CleanupOptions) => { onEnd(await actions.cleanup(options)) })
  startCommand(program).action(async (flags: Flags) => { onEnd(await actions.start(flags)) })
  program.command('version').description('Print the version.').action(() => {
    process.stdout.write(`slipway ${version}\n`)
    onEnd(exitCodes.ok.code)
  })
  return program
}

function agentCommand (program: Command): Command {
  const command = program.command('agent')
    .description('Run the agent in the foreground, with a scheduler API of its own for this host (solo mode).')
  return refusing(addSettingFlags(command), ['--master <address>'])
    .addHelpText('after', `
Examples:
  $ slipway agent
  $ slipway agent --work-dir /srv/slipway --port 0 --log-level debug
  $ SLIPWAY_RESOURCES='cpus:4;mem:8192' slipway agent --config /etc/slipway.json

SIGTERM or Ctrl-C ends its tasks and then the agent; a second one ends the agent at once.`)
}

function runCommand (program: Command): Command {
  const command = program.command('run')
    .description('Run one task in a container, with its output here, and end with its exit code.')
    .argument('[command...]', 'One word is a line for /bin/sh, several are a program and its arguments, none is the image\'s own command.')
    .passThroughOptions()
    .option('--image <image>', 'The image, as `docker run` would name it.')
    .option('--name <name>', 'Name and id of the task (default: run- and a few random digits).')
    .option('--cpus <number>', 'CPUs to ask for.', decimal(0.01, 100_000), 0.1)
    .option('--mem <MB>', 'Memory to ask for, which is also its limit.', parsed(count(1, 100_000_000)), 128)
    .option('--net <network>', 'host, bridge or none.', 'host')
    .option('-e, --env <NAME=VALUE>', 'A variable for the task; NAME alone takes it from here. May be repeated.', collect)
    .option('--label <KEY=VALUE>', 'A label of the task. May be repeated.', collect)
    .option('--priority <number>', 'Launches with a higher one are preferred where they queue.', decimal(-1000, 1000))
    .option('--no-shell', 'A single word after -- is a program, not a line for the shell.')
    .option('--task-file <file>', 'A Mesos TaskInfo as JSON instead of all that; --name, --cpus and --mem fill in what it lacks.')
    .option('--timeout <time>', 'Give up when no offer fits within this, as in 30s or 5m (default: wait).', parsedTime)
  return refusing(withServer(command), ['-p, --publish <port>', '-v, --volume <volume>', '--uri <uri>', '--detach'])
    .addHelpText('after', `
Examples:
  $ slipway run --image busybox -- 'echo out; echo err >&2; exit 7'
  $ slipway run --image busybox --net bridge -e GREETING=hello -- sh -c 'echo $GREETING'
  $ slipway run --image nginx --cpus 2 --mem 512 --name web

Ctrl-C kills the task and waits for its end; a second one leaves at once.
${exitCodeHelp()}`)
}

function killCommand (program: Command): Command {
  const command = program.command('kill').description('End a task: SIGTERM, then SIGKILL after a grace.')
    .argument('<task>', 'The id of the task.')
    .option('--framework <id>', 'The framework it belongs to, where several have a task of that id.')
    .option('--grace <time>', 'Time between the two, as in 5s (default: the task\'s own, else the agent\'s).', parsedGrace)
  return withServer(command).addHelpText('after', `
Examples:
  $ slipway kill web
  $ slipway kill web --grace 30s`)
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

function startCommand (program: Command): Command {
  const command = program.command('start', { hidden: true }).description('Run the agent and one sample task: what `npm start` does.')
    .option('--exit', 'End after the sample task.')
  return refusing(addSettingFlags(command), ['--master <address>'])
}

function withServer (command: Command): Command {
  return command
    .option('--master <url>', 'Where the agent is (SLIPWAY_MASTER; default: http://127.0.0.1:5051).')
    .option('--token-file <file>', 'A file with the agent\'s token (else SLIPWAY_TOKEN; default: that of this host\'s agent).')
}

/** Options that are yet to come: told so, rather than called unknown. */
function refusing (command: Command, options: readonly string[]): Command {
  for (const flags of options) {
    const refuse = (): never => command.error(`error: ${flags.replace(/ <.*/, '')} is not supported yet`)
    command.addOption(new Option(flags).argParser(refuse).hideHelp())
  }
  return command
}

function collect (text: string, earlier: readonly string[] = []): string[] {
  return [...earlier, text]
}

function parsed<T> (type: SettingType<T>): (text: string) => T {
  return text => orInvalid(() => type.parse(text))
}

function parsedTime (text: string): number {
  return orInvalid(() => parseDuration(text))
}

function parsedGrace (text: string): number {
  return orInvalid(() => parseDuration(text, 0))
}

function decimal (min: number, max: number): (text: string) => number {
  return text => {
    const value = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`Expected a number from ${min} to ${max}.`)
  }
}

function orInvalid<T> (parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw new InvalidArgumentError(`${messageOf(error)}.`)
  }
}

function exitCodeHelp (): string {
  const lines = Object.values(exitCodes).map(({ code, about }) => `  ${String(code).padEnd(5)}${about}`)
  return `\nExit codes:\n${lines.join('\n')}\n  else The task's own exit code, of \`slipway run\`.`
}

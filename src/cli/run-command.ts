import { Option, type Command } from 'commander'
import { networks } from '../model/container-spec.ts'
import { count } from '../model/setting-types.ts'
import { exitCodeHelp } from './exit-codes.ts'
import { collect, decimal, parsed, parsedTime } from './option-types.ts'

export function runCommand (program: Command): Command {
  const command = program.command('run')
    .description('Run one task in a container, with its output here, and end with its exit code.')
    .argument('[command...]', 'One word is a line for /bin/sh, several are a program and its arguments, none is the image\'s own command.')
    .passThroughOptions()
    .option('--image <image>', 'The image, as `docker run` would name it.')
    .option('--name <name>', 'Name and id of the task (default: run- and a few random digits).')
    .option('--cpus <number>', 'CPUs to ask for.', decimal(0.01, 100_000), 0.1)
    .option('--mem <MB>', 'Memory to ask for, which is also its limit.', parsed(count(1, 100_000_000)), 128)
    .addOption(networkOption())
    .option('-p, --publish <[HOST:]PORT[/udp]>', 'Give the container\'s port one of the host\'s: the next of the offer, or the one that is named. ' +
      'PORT0, PORT1… and PORTS tell the task. May be repeated.', collect)
    .option('-v, --volume <SOURCE:TARGET[:ro]>', 'Mount a path of the agent\'s host, a path relative to the sandbox, or a volume of the engine ' +
      'by its name. May be repeated.', collect)
    .option('-e, --env <NAME=VALUE>', 'A variable for the task; NAME alone takes it from here. May be repeated.', collect)
    .option('--uri <[cache:]URI>', 'A file to fetch into the sandbox before the start: http://, https://, file:// or an absolute path on the ' +
      'agent\'s host. Archives (tar, tar.gz, zip) are unpacked. `cache:` before it: from the agent\'s cache, and kept there. May be repeated.', collect)
    .option('--label <KEY=VALUE>', 'A label of the task. May be repeated.', collect)
    .option('--priority <number>', 'Launches with a higher one are preferred where they queue.', decimal(-1000, 1000))
    .option('--no-shell', 'A single word after -- is a program, not a line for the shell.')
    .option('--task-file <file>', 'A Mesos TaskInfo as JSON instead of all that; --name, --cpus and --mem fill in what it lacks.')
    .option('--detach', 'Leave once the task runs, and print its id; `slipway logs`, `inspect` and `kill` take it from there.')
    .option('--timeout <time>', 'Give up when no offer fits within this, as in 30s or 5m (default: wait).', parsedTime)
  return command
    .option('--master <address>', 'Where to run it: at an agent as http://host:5051, or in a Mesos cluster, whose master is host:5050, ' +
      'zk://host:2181,…/path, or file:// a file that holds one of these (SLIPWAY_MASTER; default: http://127.0.0.1:5051).')
    .option('--credential <file>', 'Who we are to a Mesos cluster: JSON {"principal": "…", "secret": "…"}.')
    .option('--token-file <file>', 'A file with the agent\'s token (else SLIPWAY_TOKEN; default: that of this host\'s agent).')
    .addHelpText('after', `
Examples:
  $ slipway run --image busybox -- 'echo out; echo err >&2; exit 7'
  $ slipway run --image busybox --net bridge -e GREETING=hello -- sh -c 'echo $GREETING'
  $ slipway run --image nginx --detach --name web --net bridge -p 80 -v /srv/site:/usr/share/nginx/html:ro
  $ slipway run --master zk://10.0.0.1:2181,10.0.0.2:2181/mesos --image busybox -- 'hostname'
  $ slipway run --image busybox --uri https://example.org/site.tar.gz -- 'ls -R $MESOS_SANDBOX'

The task's stdout and stderr come out apart; what slipway itself says goes to stderr, progress of pull and fetch only
where that is a terminal. In a Mesos cluster they come from the agent that runs the task, whose port must be within reach.
Ctrl-C kills the task and waits for its end; a second one leaves at once, and the agent ends the task.
${exitCodeHelp()}`)
}

/** Its choices are for completion; others are names of networks. */
function networkOption (): Option {
  const option = new Option('--net <network>', 'The network of the container, or the name of one that the engine has.').default('host')
  option.argChoices = [...networks]
  return option
}

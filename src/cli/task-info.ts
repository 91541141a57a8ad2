import { randomBytes } from 'node:crypto'
import { networks, type Network } from '../model/container-spec.ts'
import { schemeOf } from '../model/uri.ts'
import type { v1 } from '../wire/messages.ts'
import { portWish, type PortWish } from './port-wish.ts'
import { UsageError } from './report.ts'
import { volume } from './volume-option.ts'

/** A task that has no agent yet, and ports that the offer will settle. */
export type TaskWish = Omit<v1.TaskInfo, 'agent_id'> & { readonly wishedPorts?: readonly PortWish[] }

export interface TaskOptions {
  readonly name?: string
  readonly image: string
  readonly cpus: number
  readonly mem: number
  readonly net: string
  readonly env?: readonly string[]
  readonly uri?: readonly string[]
  readonly label?: readonly string[]
  readonly priority?: number
  readonly publish?: readonly string[]
  readonly volume?: readonly string[]
  /** False: a single word is a program, not a line for the shell. */
  readonly shell: boolean
}

export function taskFromOptions (options: TaskOptions, words: readonly string[], env: NodeJS.ProcessEnv): TaskWish {
  const name = options.name ?? `run-${randomBytes(4).toString('hex')}`
  return {
    name,
    task_id: { value: name },
    resources: [scalar('cpus', options.cpus), scalar('mem', options.mem)],
    command: {
      ...commandOf(words, options.shell),
      environment: { variables: (options.env ?? []).map(written => variable(written, env)) },
      ...(options.uri && { uris: options.uri.map(uri) }),
    },
    container: {
      type: 'DOCKER',
      docker: { image: options.image, network: networkOf(options.net) },
      ...(networkOf(options.net) === 'USER' && { network_infos: [{ name: options.net }] }),
      ...(options.volume && { volumes: options.volume.map(volume) }),
    },
    ...wishedPorts(options),
    labels: { labels: labelsOf(options) },
  }
}

/** One word is a line for the shell, several are a program and its arguments, none leaves the image its own command. */
function commandOf (words: readonly string[], shell: boolean): v1.CommandInfo {
  const [first, ...others] = words
  if (first === undefined) return { shell: false }
  if (others.length === 0 && shell) return { shell: true, value: first }
  return { shell: false, value: first, arguments: others }
}

export function scalar (name: string, value: number): v1.Resource {
  return { name, type: 'SCALAR', scalar: { value }, allocation_info: { role: '*' } }
}

function networkOf (net: string): Uppercase<Network> {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(net)) throw new UsageError(`--net ${net}: expected one of ${networks.join(', ')}, or the name of a network`)
  const known = networks.find(network => network === net)
  return (known?.toUpperCase() ?? 'USER') as Uppercase<Network>
}

function wishedPorts ({ net, publish = [] }: TaskOptions): Pick<TaskWish, 'wishedPorts'> {
  if (publish.length === 0) return {}
  if (net === 'host' || net === 'none') throw new UsageError(`-p needs --net bridge or a network of the engine: on ${net} networking no port is mapped`)
  return { wishedPorts: publish.map(portWish) }
}

function variable (written: string, env: NodeJS.ProcessEnv): v1.Environment_Variable {
  const [name, value] = split(written)
  const found = value ?? env[name]
  if (name === '' || found === undefined) throw new UsageError(`-e ${written}: expected NAME=VALUE, or a NAME that is set here`)
  return { name, value: found }
}

/** The agent fetches it, perhaps on another host: our own working directory means nothing there. No scheme is called `cache`. */
function uri (written: string): v1.CommandInfo_URI {
  const [, cache, value = ''] = /^(cache:)?(.*)$/s.exec(written) ?? []
  if (schemeOf(value) !== undefined || value.startsWith('/')) return { value, ...cache !== undefined && { cache: true } }
  throw new UsageError(`--uri ${written}: expected a URI like https://host/file.tar.gz, or an absolute path on the agent's host`)
}

function labelsOf ({ label = [], priority }: TaskOptions): v1.Label[] {
  const labels = label.map(written => {
    const [key, value] = split(written)
    if (key === '') throw new UsageError(`--label ${written}: expected KEY=VALUE`)
    return { key, value: value ?? '' }
  })
  return priority === undefined ? labels : [...labels, { key: 'slipway.priority', value: String(priority) }]
}

/** Only the first `=` counts: values may have their own. */
function split (written: string): [string, string | undefined] {
  const at = written.indexOf('=')
  return at < 0 ? [written, undefined] : [written.slice(0, at), written.slice(at + 1)]
}

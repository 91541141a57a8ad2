import { randomBytes } from 'node:crypto'
import { networks } from '../model/container-spec.ts'
import { schemeOf } from '../model/uri.ts'
import type { v1 } from '../wire/messages.ts'
import { UsageError } from './report.ts'

/** A task that has no agent yet. */
export type TaskWish = Omit<v1.TaskInfo, 'agent_id'>

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
    container: { type: 'DOCKER', docker: { image: options.image, network: networkOf(options.net) } },
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

function networkOf (net: string): 'HOST' | 'BRIDGE' | 'NONE' {
  const known = networks.find(network => network === net)
  if (!known) throw new UsageError(`--net ${net} is not supported yet; choose one of ${networks.join(', ')}`)
  return known.toUpperCase() as Uppercase<typeof known>
}

function variable (written: string, env: NodeJS.ProcessEnv): v1.Environment_Variable {
  const [name, value] = split(written)
  const found = value ?? env[name]
  if (name === '' || found === undefined) throw new UsageError(`-e ${written}: expected NAME=VALUE, or a NAME that is set here`)
  return { name, value: found }
}

/** The agent fetches it, perhaps on another host: our own working directory means nothing there. */
function uri (value: string): v1.CommandInfo_URI {
  if (schemeOf(value) !== undefined || value.startsWith('/')) return { value }
  throw new UsageError(`--uri ${value}: expected a URI like https://host/file.tar.gz, or an absolute path on the agent's host`)
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

import type { internal, MessageTypes } from '../../../src/wire/messages.ts'
import { decodeProtobuf } from '../../../src/wire/protobuf.ts'
import { bodyBytes, typeOf, type WireLine } from '../../unit/wire/recorded-wire.ts'
import { eventually } from '../eventually.ts'
import type { Internal } from '../libprocess-peer.ts'
import { compare, plain, type Difference, type Plain, type Tally } from './compare.ts'
import type { LogEntry, TestMaster } from './test-master.ts'

export interface ReplayOptions {
  readonly differences: readonly Difference[]
  readonly tally: Tally
  /** Changes what the recorded master sent to what can be done here. */
  readonly adapt?: (name: Internal, message: MessageTypes[Internal]) => void
  /** Something of the test's between two lines. */
  readonly before?: (line: WireLine) => Promise<void> | void
  readonly withinMs?: number
}

/** What each run makes anew. */
const madeAnew = /(uuid|container_id\.value|resource_version_uuid\.value)$/

const recordedPid = /slave\(1\)@127\.0\.0\.1:\d+/

/**
 * A recorded master says again what it said, and what our agent says is compared with what the recorded agent said: message by message, in order for
 * each task. Values that every run makes anew (uuids, ids of containers) are learned where they first appear, and must be the same from then on.
 */
export class Replay {
  #master: TestMaster
  readonly #options: ReplayOptions
  readonly #ours = new Map<string, string>()
  #taken = new Set<LogEntry>()

  constructor (master: TestMaster, options: ReplayOptions) {
    this.#master = master
    this.#options = options
  }

  /** Another master goes on. */
  turnTo (master: TestMaster): void { this.#master = master }

  /** A recorded value, and what it is here. */
  learn (recorded: string, ours: string): void { this.#ours.set(recorded, ours) }

  async play (lines: readonly WireLine[]): Promise<void> {
    for (const line of lines) {
      await this.#options.before?.(line)
      if (line.direction === 'master->agent') this.#say(line)
      else await this.#hear(line)
    }
  }

  /** What our agent has said and nobody has asked for. */
  surplus (): string[] { return this.#master.log.filter(entry => !this.#taken.has(entry)).map(({ name }) => name) }

  /** What has come so far is no part of the recording. */
  begin (): void { for (const entry of this.#master.log) this.#taken.add(entry) }

  #say (line: WireLine): void {
    const name = typeOf(line)
    const message = this.#translated(decodeProtobuf(name, bodyBytes(line))) as MessageTypes[Internal]
    this.#options.adapt?.(name, message)
    if (name === 'internal.SlaveRegisteredMessage' || name === 'internal.SlaveReregisteredMessage') {
      this.#master.agentId = (message as internal.SlaveRegisteredMessage).slave_id.value
      this.#master.isRegistered = true
    }
    if (name === 'internal.RunTaskMessage') {
      const { task: { executor }, framework } = message as internal.RunTaskMessage
      if (executor !== undefined) this.#master.expectExecutor(framework.id, executor.executor_id)
    }
    const sender = line.headers.find(([header]) => header === 'Libprocess-From')?.[1] ?? 'master'
    this.#master.send(name, message, sender.slice(0, sender.indexOf('@')))
  }

  async #hear (line: WireLine): Promise<void> {
    const name = typeOf(line)
    const recorded = decodeProtobuf(name, bodyBytes(line))
    const task = taskOf(name, recorded)
    const isIt = (one: LogEntry): boolean => one.name === name && !this.#taken.has(one) && taskOf(name, one.message) === task
    const entry = await eventually(() => this.#master.log.find(isIt) ?? false, {
      withinMs: this.#options.withinMs ?? 20_000,
      reason: `line ${line.seq}: ${name} of ${task ?? 'the agent'}; there are ${this.surplus().join()}, and ${this.#master.violations.join('; ')}`,
    })
    this.#taken.add(entry)
    const [there, here] = [inOrder(plain(recorded)), inOrder(plain(entry.message))]
    this.#learnFrom(there, here)
    const { differences, tally } = this.#options
    compare(name, this.#replaced(there), here, { differences, tally })
    const headers = entry.head.trim().split('\r\n').slice(1).map(header => header.split(': ') as [string, string?])
    const wanted = line.headers.map(([header, value]): [string, string] => [header, value.replace(recordedPid, this.#master.agentPid)])
    const lines = (list: Array<[string, string?]>): string[] => list.map(([header, value = '']) => `${header.replace(/:$/, '')}: ${value}`)
    compare(name, lines(wanted), lines(headers), { differences, tally })
  }

  #learnFrom (there: Plain | undefined, here: Plain | undefined, path = ''): void {
    if (Array.isArray(there) && Array.isArray(here)) {
      for (const [at, part] of there.entries()) this.#learnFrom(part, here[at], path)
    } else if (isObject(there) && isObject(here)) {
      for (const [name, part] of Object.entries(there)) this.#learnFrom(part, here[name], `${path}.${name}`)
    } else if (madeAnew.test(path) && typeof there === 'string' && typeof here === 'string' && !this.#ours.has(there)) {
      this.#ours.set(there, here)
    }
  }

  #replaced (value: Plain): Plain {
    if (typeof value === 'string') return this.#ours.get(value) ?? value.replace(recordedPid, this.#master.agentPid)
    if (Array.isArray(value)) return value.map(part => this.#replaced(part))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, this.#replaced(part)]))
  }

  /** The same for a message: bytes stay bytes. */
  #translated (value: unknown): unknown {
    if (value instanceof Uint8Array) {
      const ours = this.#ours.get(Buffer.from(value).toString('base64'))
      return ours === undefined ? value : Buffer.from(ours, 'base64')
    }
    if (typeof value === 'string') return this.#ours.get(value) ?? value
    if (Array.isArray(value)) return value.map(part => this.#translated(part))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, this.#translated(part)]))
  }
}

function taskOf (name: Internal, message: MessageTypes[Internal]): string | undefined {
  return name === 'internal.StatusUpdateMessage' ? (message as internal.StatusUpdateMessage).update.status.task_id.value : undefined
}

/** Masters list tasks in no order. */
function inOrder (message: Plain): Plain {
  if (!isObject(message) || !Array.isArray(message['tasks'])) return message
  return { ...message, tasks: [...message['tasks']].sort((a, b) => idOf(a) < idOf(b) ? -1 : 1) }
}

function idOf (task: Plain): string { return JSON.stringify(isObject(task) ? task['task_id'] : '') }

function isObject (value: Plain | undefined): value is Record<string, Plain> { return typeof value === 'object' && value !== null && !Array.isArray(value) }

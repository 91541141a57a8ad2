import type { Writable } from 'node:stream'
import { chain } from '../model/errors.ts'
import type { v1 } from '../wire/messages.ts'
import { foreignAgent, sandboxOf } from './foreign-agent.ts'
import type { Framework } from './framework.ts'
import { followFile } from './follow-file.ts'
import { followLog, OutputClosed, type LogFollower } from './follow-log.ts'
import type { Server } from './server.ts'
import type { MaybeTerminal } from './terminal.ts'

export interface Screen {
  readonly stdout: Writable
  /** Where it is a terminal, progress is shown there. */
  readonly stderr: Writable & MaybeTerminal
}

export interface OutputListener {
  /** There is output; called before it is written. */
  onBytes (): void
  /** Nobody reads our stdout any more. */
  onClosed (): void
}

/** Where an agent of Mesos has the output of a task, as its `/files` names it. */
export interface Sandbox { readonly agent: Server, readonly path: string }

const streams = ['stdout', 'stderr'] as const
/** Half a minute and more: whether the agent comes back is for the framework to find out. */
const reconnects = 25

/** Brings both streams of one container to the screen. */
export class TaskOutput implements Disposable {
  readonly #server: Server
  readonly #screen: Screen
  readonly #life = new AbortController()
  #sandbox: Sandbox | undefined
  #followers: LogFollower[] = []
  #follow: ((stream: 'stdout' | 'stderr', offset: number) => LogFollower) | undefined

  constructor (server: Server, screen: Screen) {
    this.#server = server
    this.#screen = screen
  }

  [Symbol.dispose] (): void { this.#life.abort(new Error('the run has ended')) }

  get isElsewhere (): boolean { return this.#sandbox !== undefined }

  /** Before it is followed: an offer is taken. Answers whether the output is to be had from an agent that is not the master. */
  settle (offer: v1.Offer, { id, master }: Pick<Framework, 'id' | 'master'>, taskId: v1.TaskID): boolean {
    const agent = foreignAgent(offer, master, this.#server)
    this.#sandbox = agent && sandboxOf(agent, id, taskId)
    return agent !== undefined
  }

  /** Starts once. */
  follow (containerId: string, { onBytes, onClosed }: OutputListener): void {
    if (this.#followers.length > 0) return
    const { signal } = this.#life
    const sandbox = this.#sandbox
    this.#follow = sandbox === undefined
      ? (stream, offset) => followLog({ server: this.#server, containerId, stream, offset, reconnects, onBytes }, this.#screen[stream], signal)
      : stream => followFile({ agent: sandbox.agent, path: `${sandbox.path}/${stream}`, onBytes }, this.#screen[stream], signal)
    this.#followers = streams.map(stream => this.#follow?.(stream, 0) as LogFollower)
    this.#followers[0]?.done.catch((error: unknown) => { if (error instanceof OutputClosed) onClosed() })
  }

  /** An agent that was told to end has ended its logs in order, with the container still running: the rest is to be had from the next one. */
  comeBack (): void {
    if (this.#sandbox !== undefined) return      // whose agent has not been away
    this.#followers = this.#followers.map((follower, at) => {
      const [endedAt, stream] = [follower.endedAt(), streams[at]]
      return endedAt === undefined || stream === undefined ? follower : this.#follow?.(stream, endedAt) ?? follower
    })
  }

  /** The container has ended. Waits for what is still to come; answers what went wrong, in words: nothing, where its reader has gone away. */
  async finish (): Promise<string[]> {
    for (const follower of this.#followers) follower.hurry()
    const results = await Promise.allSettled(this.#followers.map(follower => follower.done))
    const failures = results.flatMap<unknown>(result => result.status === 'rejected' ? [result.reason as unknown] : [])
    return failures.some(failure => failure instanceof OutputClosed) ? [] : failures.map(chain)
  }
}

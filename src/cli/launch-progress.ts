import type { Writable } from 'node:stream'
import { delay } from '../base/deadline.ts'
import { newestOf, type TaskOf } from './containers.ts'
import { describeLaunch } from './launch-text.ts'
import type { MaybeTerminal } from './terminal.ts'
import { statusLine, type StatusLine } from './status-line.ts'

/** What is short is not worth a line. */
const firstLookMs = 400
const lookMs = 250

/** Shows on a terminal what a launch is waiting for; elsewhere it does nothing. A master that cannot tell (one of Mesos's) is asked once. */
export class LaunchProgress implements Disposable {
  readonly #task: TaskOf
  readonly #line: StatusLine | undefined
  readonly #life = new AbortController()

  constructor (task: TaskOf, stream: Writable & MaybeTerminal) {
    this.#task = task
    this.#line = statusLine(stream)
  }

  get isShown (): boolean { return this.#line !== undefined }

  start (): void {
    // It is there to be looked at: when it cannot be had, the launch goes on without.
    if (this.#line !== undefined) this.#follow(this.#line).catch(() => { this.clear() })
  }

  /** Something else is to be written; the line may come again below it. */
  clear (): void { this.#line?.clear() }

  /** The launch is over. */
  end (): void {
    this.#life.abort(new Error('the launch is over'))
    this.clear()
  }

  [Symbol.dispose] (): void { this.end() }

  async #follow (line: StatusLine): Promise<void> {
    const { signal } = this.#life
    for (let waitMs = firstLookMs; ; waitMs = lookMs) {
      await delay(waitMs, signal)
      const report = await newestOf(this.#task, signal)
      if (signal.aborted) return
      const text = report === undefined ? undefined : describeLaunch(report, Date.now())
      if (text === undefined) line.clear()
      else line.show(text)
    }
  }
}

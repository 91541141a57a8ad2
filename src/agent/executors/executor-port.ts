import type { executor, v1 } from '../../wire/messages.ts'
import type { Executor } from './executor.ts'

/** A way to one executor, whatever it speaks. Neither call waits or throws; after the end both do nothing. */
export interface ExecutorLink {
  /** Where the executor can be called back, if it can be. */
  readonly pid?: string
  send (event: executor.Event): void
  /** Ends the way; what was sent goes out first. */
  close (): void
}

/** What an executor brings along when it comes back: what it has not seen acknowledged. */
export interface Unacknowledged { readonly tasks: readonly v1.TaskInfo[], readonly updates: readonly v1.TaskStatus[] }

/** The agent as a transport sees it. Who calls has proved to be that executor. Nothing here throws. */
export interface ExecutorPort {
  find (frameworkId: string, executorId: string): Executor | undefined
  hasFramework (frameworkId: string): boolean
  /** The executor whose token this is. */
  byToken (token: string): Executor | undefined
  /** From now on it is reached over this link; an older one is closed. One that is to end is told to SHUTDOWN, and the link is closed. */
  subscribe (found: Executor, link: ExecutorLink, unacknowledged: Unacknowledged): void
  /** An update of a task of its own, with a uuid; ACKNOWLEDGED follows once it is safely taken. A repeat is acknowledged, and no more. */
  update (found: Executor, status: v1.TaskStatus): void
  message (found: Executor, data: Uint8Array): void
  /** The link has broken. Told of a link that is not its executor's any more, it is nothing. */
  disconnected (found: Executor, link: ExecutorLink): void
}

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Worker } from 'node:worker_threads'

/** The pools in the order in which an agent starts them, a thread each: the last one at its first pull. */
const pools = ['logs', 'cgroup', 'tidy', 'pull'] as const
export type PoolName = typeof pools[number]

export interface Threads extends Disposable {
  /** Ends a pool's thread as a crash would: whatever it does is lost. */
  terminate (pool: PoolName): Promise<void>
}

/** Records the worker threads of the agent that is started after this; node tells of each, so the agent needs no door for it. */
export function recordThreads (): Threads {
  const workers: Worker[] = []
  const owners = new Map<Worker, PoolName>()
  let replaced: PoolName | undefined
  const hear = (message: unknown): void => {
    const { worker } = message as { worker: Worker }
    const owner = pools[workers.length] ?? replaced
    workers.push(worker)
    if (owner !== undefined) owners.set(worker, owner)
  }
  subscribe('worker_threads', hear)
  return {
    async terminate (pool) {
      replaced = pool                 // the next thread that is started takes its place
      const own = workers.filter(one => owners.get(one) === pool)
      if (own.length === 0) throw new Error(`no ${pool} thread was started`)
      // All of them: beside ours there may be one that the lost pool itself had put in its place before it was closed.
      await Promise.all(own.map(worker => worker.terminate()))
    },
    [Symbol.dispose] () { unsubscribe('worker_threads', hear) },
  }
}

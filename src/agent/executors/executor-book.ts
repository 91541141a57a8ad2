import { tokenDigest, type Executor } from './executor.ts'

export interface ExecutorBook {
  add (executor: Executor): void
  remove (executor: Executor): void
  find (frameworkId: string, executorId: string): Executor | undefined
  hasFramework (frameworkId: string): boolean
  byToken (token: string): Executor | undefined
  ofFramework (frameworkId: string): Executor[]
  all (): Executor[]
}

/** Which executors there are, until they and their resources are gone. */
export function executorBook (): ExecutorBook {
  const known = new Map<string, Executor>()
  const tokens = new Map<string, Executor>()
  const keyOf = (frameworkId: string, executorId: string): string => `${frameworkId}/${executorId}`       // neither holds a slash
  return {
    add (executor) {
      known.set(keyOf(executor.frameworkId, executor.executorId), executor)
      tokens.set(executor.tokenDigest, executor)
    },
    remove (executor) {
      const key = keyOf(executor.frameworkId, executor.executorId)
      if (known.get(key) === executor) known.delete(key)
      tokens.delete(executor.tokenDigest)
    },
    find: (frameworkId, executorId) => known.get(keyOf(frameworkId, executorId)),
    hasFramework: frameworkId => [...known.values()].some(executor => executor.frameworkId === frameworkId),
    byToken: token => tokens.get(tokenDigest(token)),
    ofFramework: frameworkId => [...known.values()].filter(executor => executor.frameworkId === frameworkId),
    all: () => [...known.values()],
  }
}

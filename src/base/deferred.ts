export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve (value: T): void
  reject (reason: unknown): void
}

/** A promise that is settled from outside; `Promise.withResolvers` is missing on Node 20. */
export function deferred<T = void> (): Deferred<T> {
  let resolve!: (value: T) => void
  let reject!: (reason: unknown) => void
  const promise = new Promise<T>((res, rej) => { resolve = res; reject = rej })
  return { promise, resolve, reject }
}

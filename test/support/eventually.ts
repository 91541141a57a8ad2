import { setTimeout as wait } from 'node:timers/promises'

export interface Patience {
  withinMs?: number
  everyMs?: number
  /** What is waited for, for the message when it does not come. */
  reason?: string
}

/** Tries the check until it neither throws nor answers false; when the time is up it throws the last failure. */
export async function eventually<T> (check: () => T | Promise<T>, patience: Patience = {}): Promise<Exclude<T, false>> {
  const { withinMs = 10_000, everyMs = 25, reason = 'the awaited state' } = patience
  const endMs = performance.now() + withinMs
  for (;;) {
    const attempt = await attemptOf(check)
    if (attempt.ok) return attempt.value
    if (performance.now() > endMs) throw new Error(`${reason} did not come within ${withinMs} ms`, { cause: attempt.failure })
    await wait(everyMs)
  }
}

type Attempt<T> = { ok: true, value: Exclude<T, false> } | { ok: false, failure: unknown }

async function attemptOf<T> (check: () => T | Promise<T>): Promise<Attempt<T>> {
  try {
    const value = await check()
    return value === false ? { ok: false, failure: new Error('the check answered false') } : { ok: true, value: value as Exclude<T, false> }
  } catch (failure) {
    return { ok: false, failure }
  }
}

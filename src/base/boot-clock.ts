import { readFileSync } from 'node:fs'

/** A point on the monotonic clock of one boot of this host: a stepped wall clock moves it nowhere, and a process that starts later understands it. */
export interface Instant { readonly bootId: string, readonly ms: number }

let known: string | undefined

/** Another after each boot of the host. */
export function bootId (): string {
  return known ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}

export function instant (): Instant {
  return { bootId: bootId(), ms: Number(process.hrtime.bigint() / 1_000_000n) }
}

/** Milliseconds since then; undefined: the host has been rebooted in between, and nobody can tell. */
export function elapsedMs (since: Instant): number | undefined {
  const now = instant()
  return since.bootId === now.bootId ? Math.max(0, now.ms - since.ms) : undefined
}

import type { AlarmClock, Cancel } from '../../base/alarm-clock.ts'
import type { Check, CheckKind, Finding } from './check.ts'
import type { CheckMetrics } from './metrics.ts'
import type { Places } from './places.ts'

export interface RoundsDeps {
  readonly clock: AlarmClock
  readonly places: Readonly<Record<CheckKind, Places>>
  readonly metrics: CheckMetrics
  /** Throws the signal's reason alone. */
  readonly look: (signal: AbortSignal) => Promise<Finding | undefined>
}

/** Looks after the delay, and again an interval after each look has ended, until it is cancelled: then a look under way ends unheard. */
export function startRounds (check: Check, deps: RoundsDeps, onFinding: (finding: Finding) => void): Cancel {
  const { clock, places, metrics, look } = deps
  const { kind } = check.target
  const stop = new AbortController()
  const goOn = (lateMs: number): void => { void round(lateMs).catch(() => {}) }

  async function round (lateMs: number): Promise<void> {
    const rangAtMs = performance.now()
    const finding = await places[kind].hold(async () => {
      stop.signal.throwIfAborted()
      metrics.began(kind, lateMs + performance.now() - rangAtMs)
      return await look(stop.signal)
    })
    stop.signal.throwIfAborted()
    metrics.ended(kind, finding)
    cancel = clock.in(check.intervalMs, goOn)
    if (finding !== undefined) onFinding(finding)
  }

  let cancel = clock.in(check.delayMs, goOn)
  return () => {
    stop.abort(new Error('nobody waits for this check any more'))
    cancel()
  }
}

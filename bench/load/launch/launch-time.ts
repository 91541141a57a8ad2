/** Of one launch, in ms since the start of its run: a wait for whatever is not ready when it is due counts. */
export interface LaunchTime { readonly dueMs: number, readonly doneMs: number }

/** From when each was due. */
export function latencies (launches: readonly LaunchTime[]): number[] {
  return launches.map(({ dueMs, doneMs }) => doneMs - dueMs)
}

/** Launches a second, from the first that was due to the last that was over. */
export function rateOf (launches: readonly LaunchTime[]): number {
  const first = Math.min(...launches.map(({ dueMs }) => dueMs))
  return launches.length / (Math.max(...launches.map(({ doneMs }) => doneMs)) - first) * 1000
}

/** How many were over by each time, as a curve. */
export function curveOf (launches: readonly LaunchTime[]): Array<readonly [seconds: number, launched: number]> {
  return launches.map(({ doneMs }) => doneMs).sort((a, b) => a - b).map((ms, at) => [ms / 1000, at + 1])
}

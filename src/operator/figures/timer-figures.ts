const parts = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999, p9999: 0.9999 } as const

/** A timer as Mesos tells it: its last value, and of more than one their spread. */
export function timerFigures (name: string, values: readonly number[]): Record<string, number> {
  const last = values.at(-1)
  if (last === undefined) return {}
  if (values.length === 1) return { [name]: last }
  const sorted = values.toSorted((a, b) => a - b)
  const spread = Object.entries(parts).map(([part, share]) => [`${name}/${part}`, percentile(sorted, share)])
  return {
    [name]: last, [`${name}/count`]: values.length, [`${name}/min`]: sorted[0] ?? 0, [`${name}/max`]: sorted.at(-1) ?? 0,
    ...Object.fromEntries(spread) as Record<string, number>,
  }
}

/** Between the two values that are nearest. */
function percentile (sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1)
  const [below = 0, above = below] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  return below + (above - below) * (place - Math.floor(place))
}

/** How often each value up to a bound (ms) was seen; the last bound is Infinity. */
export type Histogram = ReadonlyMap<number, number>

/** One of several series of a histogram in Prometheus's text, `labels` as they stand there; bounds become ms. */
export function histogramIn (text: string, name: string, labels: string): Histogram {
  const rows = [...text.matchAll(new RegExp(`^${name}_bucket\\{le="([^"]+)",${labels}\\} (\\d+)$`, 'gm'))]
  if (rows.length === 0) throw new Error(`there is no histogram ${name}{${labels}}`)
  return new Map(rows.map(([, bound, count]) => [bound === '+Inf' ? Infinity : Number(bound) * 1000, Number(count)]))
}

export function countOf (histogram: Histogram): number {
  return histogram.get(Infinity) ?? 0
}

export function since (before: Histogram, after: Histogram): Histogram {
  return new Map([...after].map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)]))
}

/** The bound (ms) that this share of the values does not exceed; between bounds it is taken to rise evenly. */
export function quantile (histogram: Histogram, share: number): number {
  const rank = countOf(histogram) * share
  let [lower, below] = [0, 0]
  for (const [bound, count] of histogram) {
    if (count >= rank) return bound === Infinity || count === below ? bound : lower + (bound - lower) * (rank - below) / (count - below)
    lower = bound
    below = count
  }
  return NaN
}

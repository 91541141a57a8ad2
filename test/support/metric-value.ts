/** Where one series of an agent, `name{label="x"}` as /metrics has it, is to be had without all others. */
export function metricPath (series: string): string {
  const name = series.replace(/\{.*$/, '')
  const histogram = name.replace(/_(count|sum|bucket)$/, '')
  return `/metrics?name[]=${name}&name[]=${histogram}`
}

export function metricIn (text: string, series: string): number {
  const line = text.split('\n').find(candidate => candidate.startsWith(`${series} `))
  if (line === undefined) throw new Error(`there is no series ${series}`)
  return Number(line.slice(series.length + 1))
}

/** The value of one series, `name{label="x"}` as it stands in Prometheus's text. */
export function seriesIn (text: string, series: string): number {
  const line = text.split('\n').find(candidate => candidate.startsWith(`${series} `))
  if (line === undefined) throw new Error(`there is no series ${series}`)
  return Number(line.slice(series.length + 1))
}

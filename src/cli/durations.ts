const units = [['d', 86_400_000], ['h', 3_600_000], ['m', 60_000], ['s', 1000]] as const

/** "3d 4h", "12m 5s", "0s": two units at most, for people. */
export function describeAge (ms: number): string {
  const parts: string[] = []
  let left = Math.max(0, ms)
  for (const [unit, unitMs] of units) {
    const count = Math.floor(left / unitMs)
    left -= count * unitMs
    if (count > 0 || parts.length > 0 || unit === 's') parts.push(`${count}${unit}`)
  }
  return parts.slice(0, 2).filter((part, at) => at === 0 || !part.startsWith('0')).join(' ')
}

/** "12.3 ms", "4.2 s", "12m 5s" */
export function describeDuration (ms: number): string {
  if (ms < 1000) return `${ms.toFixed(1)} ms`
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : describeAge(ms)
}

/** "512 B", "3.4 MB": powers of ten, as `docker pull` counts. */
export function describeBytes (bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const names = ['kB', 'MB', 'GB', 'TB']
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), names.length)
  const amount = bytes / 1000 ** power
  return `${amount.toFixed(amount < 10 ? 1 : 0)} ${names[power - 1]}`
}

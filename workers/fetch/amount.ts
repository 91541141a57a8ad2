const units = [['GB', 1e9], ['MB', 1e6], ['kB', 1e3]] as const

/** "12 of 40 MB", "3 kB", "17 bytes": in the unit of the larger. */
export function amount (bytes: number, totalBytes: number | undefined): string {
  const [unit, size] = units.find(([, unitBytes]) => (totalBytes ?? bytes) >= unitBytes) ?? ['bytes', 1]
  const inUnit = (count: number): string => String(count / size < 10 ? Math.floor(count / size * 10) / 10 : Math.floor(count / size))
  return totalBytes === undefined ? `${inUnit(bytes)} ${unit}` : `${inUnit(bytes)} of ${inUnit(totalBytes)} ${unit}`
}

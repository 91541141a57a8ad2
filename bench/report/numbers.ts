/** A figure with the unit that suits it, to three digits. */
export function tellValue (value: number, unit: string): string {
  if (Number.isNaN(value)) return '–'
  if (unit === 'ms') return tellTime(value)
  if (unit === '%') return `${tellNumber(value * 100)} %`
  return unit === '' ? tellNumber(value) : `${tellNumber(value)} ${unit}`
}

function tellTime (ms: number): string {
  const size = Math.abs(ms)
  if (size >= 1000 && size < Infinity) return `${tellNumber(ms / 1000)} s`
  return size >= 1 || size === 0 ? `${tellNumber(ms)} ms` : `${tellNumber(ms * 1000)} µs`
}

/** Three digits, and never in powers of ten. */
function tellNumber (value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞'
  if (Number.isInteger(value)) return String(value)
  return Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)))
}

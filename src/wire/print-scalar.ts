/** Always with a fraction or an exponent, as "15.0" or "1e30". JSON has no word for what is not finite: as a string then. */
export function printDouble (value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`
  if (Object.is(value, -0)) return '-0.0'
  const text = String(value)
  if (text.includes('e')) return text.replace('e+', 'e')
  return text.includes('.') ? text : `${text}.0`
}

/** As JSON.stringify, but \u001B where that writes \u001b. */
export function printString (value: string): string {
  const text = JSON.stringify(value)
  return text.includes('\\u00') ? text.replace(/\\(u00[01][\da-f]|.)/g, capitalHex) : text
}

function capitalHex (escape: string): string {
  return escape.startsWith('\\u00') ? `\\u${escape.slice(2).toUpperCase()}` : escape
}

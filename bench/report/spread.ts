import type { Figure } from './report.ts'

/** The value that this share of them does not exceed: a value that was measured, none between two. NaN of nothing. */
export function quantileOf (values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN
}

export function median (values: readonly number[]): number {
  return quantileOf(values, 0.5)
}

/** The figure of many measurements of one thing. */
export function spread (values: readonly number[]): Pick<Figure, 'p50' | 'p95' | 'p99' | 'max' | 'count'> {
  const at = (share: number): number => quantileOf(values, share)
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1), count: values.length }
}

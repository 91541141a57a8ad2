/** Waits between tries: `firstMs`, doubled each time up to `maxMs`, each within ±20 % so that many waiters do not march in step. */
export function * backoff (firstMs: number, maxMs: number, random: () => number = Math.random): Generator<number, never> {
  for (let ms = firstMs; ; ms = Math.min(ms * 2, maxMs)) yield ms * (0.8 + 0.4 * random())
}

/** How many launches are taken together, so that there are two such blocks at least. */
export function blockOf (count: number): number {
  return count >= 200 ? 100 : Math.ceil(count / 2)
}

export interface Block {
  /** How many were launched at its end. */
  readonly upTo: number
  readonly perSecond: number
}

/** Launches a second of each whole block, from the times (ms) at which they were over. */
export function rampOf (doneMs: readonly number[], startedAtMs: number, block: number): Block[] {
  const sorted = [...doneMs].sort((a, b) => a - b)
  const blocks: Block[] = []
  let from = startedAtMs
  for (let upTo = block; upTo <= sorted.length; upTo += block) {
    const to = sorted[upTo - 1] ?? NaN
    blocks.push({ upTo, perSecond: block / (to - from) * 1000 })
    from = to
  }
  return blocks
}

/** The last block's rate by the first's. */
export function droopOf (blocks: readonly Block[]): number {
  return (blocks.at(-1)?.perSecond ?? NaN) / (blocks[0]?.perSecond ?? NaN)
}

/** Progress of a pull. Bytes count what the engine reports for layers that it had to fetch. */
export interface PullProgress {
  readonly layers: number
  readonly layersDone: number
  readonly bytes: number
  readonly totalBytes: number
  /** The layer that moved last, as the engine names it, with its own bytes. */
  readonly layer: { readonly id: string, readonly bytes: number, readonly totalBytes: number } | undefined
}

/** "layer 2 of 5 (a1b2) at 35 of 210 MB, 4.2 MB/s in all" */
export function describePull (progress: PullProgress | undefined, elapsedMs: number): string {
  if (progress?.layer === undefined) return 'the registry had sent no layer yet'
  const { layers, layersDone, layer, bytes } = progress
  const rate = (bytes / 1e6 / Math.max(elapsedMs / 1000, 0.001)).toFixed(1)
  const place = `layer ${Math.min(layersDone + 1, layers)} of ${layers} (${layer.id})`
  return `${place} at ${megabytes(layer.bytes)} of ${megabytes(layer.totalBytes)} MB, ${rate} MB/s in all`
}

function megabytes (bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 10e6 ? 1 : 0)
}

import type { PullProgress } from '../model/pull-progress.ts'

/** A line of the engine's pull stream. */
export interface PullLine { id?: string, status?: string, error?: string, progressDetail?: { current?: number, total?: number } }

interface Layer { bytes: number, totalBytes: number, isDone: boolean }

const done = new Set(['Pull complete', 'Already exists'])
const layerWords = new Set([...done, 'Pulling fs layer', 'Waiting', 'Downloading', 'Verifying Checksum', 'Download complete', 'Extracting'])

/** Adds up the lines of one pull. Every line that says something new counts as progress, extraction too. */
export function pullProgress (): { add (line: PullLine): PullProgress } {
  const layers = new Map<string, Layer>()
  let last: string | undefined

  return {
    add ({ id, status = '', progressDetail }) {
      if (id !== undefined && layerWords.has(status)) {
        const layer = layers.get(id) ?? { bytes: 0, totalBytes: 0, isDone: false }
        layers.set(id, layer)
        last = id
        if (status === 'Downloading') {
          layer.bytes = progressDetail?.current ?? layer.bytes
          layer.totalBytes = progressDetail?.total ?? layer.totalBytes
        }
        if (status === 'Download complete' || status === 'Extracting') layer.bytes = Math.max(layer.bytes, layer.totalBytes)
        layer.isDone ||= done.has(status)
      }
      return sum(layers, last)
    },
  }
}

function sum (layers: Map<string, Layer>, last: string | undefined): PullProgress {
  const all = [...layers.values()]
  const moving = last === undefined ? undefined : layers.get(last)
  return {
    layers: all.length,
    layersDone: all.filter(layer => layer.isDone).length,
    bytes: all.reduce((bytes, layer) => bytes + layer.bytes, 0),
    totalBytes: all.reduce((bytes, layer) => bytes + layer.totalBytes, 0),
    layer: last === undefined || moving === undefined ? undefined : { id: last, bytes: moving.bytes, totalBytes: moving.totalBytes },
  }
}

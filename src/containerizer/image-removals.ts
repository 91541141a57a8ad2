import type { Engine, ListedImage } from '../engine/port.ts'
import { fullName, parseImage } from '../model/image-reference.ts'
import type { Lanes } from './lanes.ts'

export interface ImageRemovalsDeps {
  readonly engine: Engine
  readonly lanes: Lanes
  readonly closing: AbortSignal
  /** Whether a launch, a container or a pull of ours has an image of this name. */
  isWanted (name: string): boolean
}

/** After everything else that waits for the engine. */
const priority = Number.MIN_SAFE_INTEGER

/** Removes images so that no launch is told that one is there which is about to go. */
export class ImageRemovals {
  readonly #deps: ImageRemovalsDeps
  readonly #leaving = new Map<string, Promise<void>>()

  constructor (deps: ImageRemovalsDeps) { this.#deps = deps }

  /** While an image of this name is being removed: the end of that. */
  leaving (name: string): Promise<void> | undefined { return this.#leaving.get(familiarName(name)) }

  /** Whether it was removed; not one that is wanted. The engine itself refuses those that containers have. */
  async remove ({ id, tags, digests }: ListedImage): Promise<boolean> {
    const names = [...tags, ...digests]
    if (names.some(this.#deps.isWanted)) return false
    const targets = tags.length > 0 ? tags : digests.length > 0 ? digests : [id]
    const removed = this.#removeAll(targets)
    const settled = removed.catch(() => {})
    for (const name of names) this.#leaving.set(familiarName(name), settled)
    try {
      await removed
      return true
    } finally {
      for (const name of names) this.#leaving.delete(familiarName(name))
    }
  }

  async #removeAll (targets: readonly string[]): Promise<void> {
    const { engine, lanes, closing } = this.#deps
    for (const target of targets) await lanes.run({ stage: 'discard', priority }, signal => engine.removeImage(target, signal), closing)
  }
}

/** As the engine tells names, without what it leaves out: "docker.io/library/busybox" is "busybox:latest". */
export function familiarName (image: string): string {
  return fullName(parseImage(image)).replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '')
}

import { Containerizer } from '../../src/containerizer/containerizer.ts'
import { labels } from '../../src/model/container-spec.ts'
import type { LibprocessPeer } from './libprocess-peer.ts'

/**
 * The containers of a simulated engine have no processes that could have a socket open: here the test says which executor a peer is. For agents in
 * the process of the test, until disposed.
 */
export class PretendedOwners implements Disposable {
  readonly #executors = new Map<LibprocessPeer, string>()
  readonly #real = Object.getOwnPropertyDescriptor(Containerizer.prototype, 'socketOwner')!

  constructor () {
    const owner: Containerizer['socketOwner'] = async (containers, { local }) => {
      const [, id] = [...this.#executors].find(([peer]) => peer.ports.has(local.port)) ?? []
      return id === undefined ? undefined : containers.find(({ spec }) => spec.labels[labels.executor] === id)
    }
    Object.defineProperty(Containerizer.prototype, 'socketOwner', { ...this.#real, value: owner })
  }

  give (peer: LibprocessPeer, executorId: string): void { this.#executors.set(peer, executorId) }

  [Symbol.dispose] (): void { Object.defineProperty(Containerizer.prototype, 'socketOwner', this.#real) }
}

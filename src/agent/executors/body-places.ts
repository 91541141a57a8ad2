import { finished } from 'node:stream'
import type { IncomingMessage } from 'node:http'
import { places, type Places } from '../checks/places.ts'
import type { Executor } from './executor.ts'

/** Each body can be as large as the door takes it; those of one executor that are on their way at once are kept in memory. */
const bodiesAtOnce = 8

/** Has an executor send so many bodies at a time; what comes beyond waits unread. */
export class BodyPlaces {
  readonly #places = new WeakMap<Executor, Places>()

  /** Back when the body may come; its place is free again when it has, or when its sender has gone. */
  async take (executor: Executor, body: IncomingMessage): Promise<void> {
    const own = this.#places.get(executor) ?? places(bodiesAtOnce)
    this.#places.set(executor, own)
    await new Promise<void>(resolve => {
      void own.hold(async () => {
        resolve()
        await new Promise(done => { finished(body, { writable: false }, done) })
      })
    })
  }
}

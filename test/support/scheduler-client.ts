import { request } from 'undici'
import { decodeRecords } from '../../src/wire/record-io.ts'
import type { scheduler } from '../../src/wire/messages.ts'

const waitMs = 5000

export interface Answer { status: number, headers: Record<string, string | string[] | undefined>, text: string }

/** Sends a request as it is; the token is added when there is one. */
export async function send (url: string, method: string, headers: Record<string, string>, body?: string | Buffer): Promise<Answer> {
  const answer = await request(url, { method: method as 'POST', headers, body: body ?? null, signal: AbortSignal.timeout(waitMs) })
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
}

/** A framework's side of the scheduler API, in JSON, for tests. */
export class SchedulerClient {
  readonly events: scheduler.Event[] = []
  readonly #base: string
  readonly #headers: Record<string, string>
  readonly #abort = new AbortController()
  #arrived = (): void => {}
  streamId = ''
  frameworkId = ''
  ended = false

  constructor (url: string, token: string | undefined) {
    this.#base = `${url}/api/v1/scheduler`
    this.#headers = { 'content-type': 'application/json', accept: 'application/json' }
    if (token !== undefined) this.#headers.authorization = `Bearer ${token}`
  }

  /** Resolves once SUBSCRIBED (or an ERROR) has come. */
  async subscribe (frameworkInfo: object, more: object = {}): Promise<scheduler.Event> {
    const body = JSON.stringify({ type: 'SUBSCRIBE', subscribe: { framework_info: frameworkInfo }, ...more })
    const answer = await request(this.#base, { method: 'POST', headers: this.#headers, body, signal: this.#abort.signal })
    if (answer.statusCode !== 200) throw new Error(`SUBSCRIBE got ${String(answer.statusCode)}: ${await answer.body.text()}`)
    this.streamId = String(answer.headers['mesos-stream-id'])
    void this.#read(answer.body)
    const first = await this.next(event => event.type === 'SUBSCRIBED' || event.type === 'ERROR')
    this.frameworkId = first.subscribed?.framework_id.value ?? ''
    return first
  }

  async #read (body: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const record of decodeRecords(body)) {
        this.events.push(JSON.parse(record.toString()) as scheduler.Event)
        this.#arrived()
      }
    } catch {
      // The test closed it, or the master cut it: either way it is over.
    }
    this.ended = true
    this.#arrived()
  }

  async call (type: scheduler.Call_Type, rest: object = {}): Promise<Answer> {
    const body = JSON.stringify({ type, framework_id: { value: this.frameworkId }, ...rest })
    return send(this.#base, 'POST', { ...this.#headers, 'mesos-stream-id': this.streamId }, body)
  }

  /** Takes the first event that fits, among those that came and those to come. */
  async next (fits: (event: scheduler.Event) => boolean): Promise<scheduler.Event> {
    return this.#until(() => {
      const index = this.events.findIndex(fits)
      return index < 0 ? undefined : this.events.splice(index, 1)[0]
    }, 'no such event')
  }

  async nextOffer (): Promise<NonNullable<scheduler.Event_Offers['offers']>[number]> {
    const { offers } = await this.next(({ type }) => type === 'OFFERS')
    const offer = offers?.offers?.[0]
    if (offer === undefined) throw new Error('an OFFERS event without offers')
    return offer
  }

  async nextStatus (): Promise<NonNullable<scheduler.Event['update']>['status']> {
    const { update } = await this.next(({ type }) => type === 'UPDATE')
    if (update === undefined) throw new Error('an UPDATE event without update')
    return update.status
  }

  async end (): Promise<void> {
    await this.#until(() => this.ended || undefined, 'the stream does not end')
  }

  /** Goes away without a word. */
  drop (): void { this.#abort.abort() }

  async #until<T> (look: () => T | undefined, what: string): Promise<T> {
    const endMs = Date.now() + waitMs
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      const leftMs = this.ended ? 0 : endMs - Date.now()
      if (leftMs <= 0) throw new Error(`${what}; there are ${JSON.stringify(this.events).slice(0, 2000)}`)
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, leftMs)
        this.#arrived = () => { clearTimeout(timer); resolve() }
      })
    }
  }
}

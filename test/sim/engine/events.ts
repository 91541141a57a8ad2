import { hasLabels, someOf, type Filters } from './filters.ts'
import type { Kept } from './container.ts'
import type { Outlet } from './outlet.ts'

/** The engine keeps this many past events, no more. */
const pastEvents = 256

export const eventFilters = ['type', 'event', 'label', 'container', 'image', 'scope']

export interface SimEvent {
  readonly Type: 'container'
  readonly Action: string
  readonly Actor: { readonly ID: string, readonly Attributes: Readonly<Record<string, string>> }
  readonly time: number
  readonly timeNano: number
}

interface Span { readonly sinceMs: number | undefined, readonly untilMs: number | undefined }

export class Events {
  readonly #past: SimEvent[] = []
  readonly #listeners = new Map<Outlet, Filters>()

  emit (action: string, container: Kept, attributes: Record<string, string> = {}): void {
    const event = describe(action, container, attributes)
    this.#past.push(event)
    if (this.#past.length > pastEvents) this.#past.shift()
    for (const [outlet, filters] of this.#listeners) if (matches(event, filters)) void outlet.write(`${JSON.stringify(event)}\n`)
  }

  /** Past events of the span, then those to come, until the span ends or the client goes. */
  async tell (outlet: Outlet, filters: Filters, { sinceMs, untilMs }: Span): Promise<void> {
    for (const event of sinceMs === undefined ? [] : this.#past) {
      const ms = event.timeNano / 1e6
      if (ms >= (sinceMs ?? 0) && ms <= (untilMs ?? Infinity) && matches(event, filters)) void outlet.write(`${JSON.stringify(event)}\n`)
    }
    if (untilMs !== undefined && untilMs <= Date.now()) return
    this.#listeners.set(outlet, filters)
    const timer = untilMs === undefined ? undefined : setTimeout(() => { outlet.end() }, untilMs - Date.now())
    await outlet.closed()
    clearTimeout(timer)
    this.#listeners.delete(outlet)
  }
}

function describe (action: string, { id, name, body }: Kept, attributes: Record<string, string>): SimEvent {
  const from = body.Image ?? ''
  const ms = Date.now()
  const actor = { ID: id, Attributes: { ...attributes, image: from, ...body.Labels, name } }
  const old = { status: action, id, from, scope: 'local' }
  return { ...old, Type: 'container', Action: action, Actor: actor, time: Math.floor(ms / 1000), timeNano: ms * 1e6 }
}

function matches ({ Type, Action, Actor }: SimEvent, filters: Filters): boolean {
  return someOf(filters.get('type'), type => type === Type) && someOf(filters.get('event'), event => event === Action) &&
    someOf(filters.get('container'), name => [Actor.ID, Actor.Attributes['name']].includes(name)) &&
    hasLabels(Actor.Attributes, filters.get('label'))
}

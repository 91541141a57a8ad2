import type { CommitPoint } from '../../support/crash-agent.ts'
import type { CallName } from '../engine/call-names.ts'

/** Where the agent dies: at its nth call of this name, or at its nth commit of this label. */
export type Point =
  | { readonly call: CallName, readonly nth: number, readonly when: 'before' | 'after' | 'answered' }
  | CommitPoint

/** What was seen in a run from its beginning to its end, in order. */
export interface Recorded { readonly calls: readonly CallName[], readonly commits: readonly string[] }

/**
 * Each call of a launch, a destroy, an update and a restart with the ways to die at it. What only looks changes nothing that an answer could tell of
 * or not. A call that is not here is a new one: where it is made, the agent must bear to die.
 */
const waysToDie: Readonly<Partial<Record<CallName, ReadonlyArray<'before' | 'after' | 'answered'>>>> = {
  ping: ['before', 'answered'], list: ['before', 'answered'], events: ['before', 'answered'], listNetworks: ['before', 'answered'],
  inspectImage: ['before', 'answered'], inspectNetwork: ['before', 'answered'], inspect: ['before', 'answered'], logs: ['before', 'answered'],
  pull: ['before', 'after', 'answered'], createNetwork: ['before', 'after', 'answered'], removeNetwork: ['before', 'after', 'answered'],
  create: ['before', 'after', 'answered'], attach: ['before', 'after', 'answered'], start: ['before', 'after', 'answered'],
  update: ['before', 'after', 'answered'], kill: ['before', 'after', 'answered'], remove: ['before', 'after', 'answered'],
}

/** What every agent begins with, and does now and then ever after. */
const byTheClock: ReadonlySet<string> = new Set<CallName>(['ping', 'list', 'events', 'listNetworks'])
/** What a restart does once whatever it finds: it looks at what there is, lays pipes to that, and writes down that it goes on. */
const ofEveryRestart: ReadonlySet<string> = new Set([...byTheClock, 'inspect', 'attach', 'logs', 'agent', 'task', 'framework'])

export function isOfEveryRestart (point: Point): boolean {
  return point.nth === 1 && ofEveryRestart.has('call' in point ? point.call : point.label)
}

/** Every call and commit of the run, each with all ways to die at it. What comes by the clock is one of an agent's start, or by chance. */
export function pointsOf ({ calls, commits }: Recorded): Point[] {
  const isStart = commits.includes('agent')
  const ofCalls = numbered(calls).filter(({ name, nth }) => !byTheClock.has(name) || (nth === 1 && isStart))
  return [
    ...ofCalls.flatMap(({ name, nth }) => waysOf(name).map(when => ({ call: name, nth, when }))),
    ...numbered(commits).flatMap(({ name, nth }) => waysAt(name).map(when => ({ label: name, nth, when }))),
  ]
}

function waysOf (call: CallName): ReadonlyArray<'before' | 'after' | 'answered'> {
  const ways = waysToDie[call]
  if (ways === undefined) throw new Error(`the agent makes a call ${call}, and it is not said where to let it die there: see ${import.meta.url}`)
  return ways
}

/** After a record has gone nothing is known any more that could be done twice. */
function waysAt (commit: string): ReadonlyArray<'before' | 'after'> {
  return commit.startsWith('drop') ? ['before'] : ['before', 'after']
}

export function nameOf (point: Point): string {
  const where = 'call' in point ? `call ${point.call}` : `commit of ${point.label}`
  const when = 'call' in point ? { before: 'before', after: 'at the unanswered', answered: 'just after' } : { before: 'before', after: 'just after' }
  return `${when[point.when as 'before']} ${where}${point.nth === 1 ? '' : ` (${point.nth})`}`
}

function numbered<T extends string> (names: readonly T[]): Array<{ name: T, nth: number }> {
  const seen = new Map<T, number>()
  return names.map(name => {
    const nth = (seen.get(name) ?? 0) + 1
    seen.set(name, nth)
    return { name, nth }
  })
}

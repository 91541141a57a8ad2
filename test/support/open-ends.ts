import { eventually } from './eventually.ts'
import type { SimEngine } from './sim-engine.ts'
import type { TestAgent } from './test-agent.ts'

export type Counts = Readonly<Record<string, number>>

/** What keeps this process's event loop alive, by type. */
export function activeResources (): Counts {
  return countBy(process.getActiveResourcesInfo())
}

/** Connections of clients to the door are the test's own, and are kept alive for a while; an immediate is over at once. */
const harmless = /^(TCP|Immediate)/

/** What there is more of now than there was before. */
export function moreThan (before: Counts, now: Counts = activeResources()): Counts {
  const more = Object.entries(now).filter(([type, count]) => !harmless.test(type) && count > (before[type] ?? 0))
  return Object.fromEntries(more.map(([type, count]) => [type, count - (before[type] ?? 0)]))
}

/** Gauges that count what the agent has not settled: every promise of a container's life is behind one of them. */
const pending = /^slipway_(containers\{state="(queued|launching|running|stopping|exited|failed)"\}|stage_in_flight\{|stage_waiting\{|worker_jobs\{|overdue_operations|launches_paused)/

/** The gauges of this agent that are not zero. */
async function pendingIn (agent: TestAgent): Promise<string[]> {
  const { text } = await agent.get('/metrics')
  return text.split('\n').filter(line => pending.test(line) && !line.endsWith(' 0'))
}

/** Calls that the engine has not finished, other than those that always are under way. */
async function openCalls (engine: SimEngine): Promise<string[]> {
  const open = (await engine.calls()).filter(({ isOpen, call }) => isOpen && call !== 'events' && call !== 'list')
  return open.map(({ call, name }) => `${call} ${name}`)
}

/** Waits until nothing is left of what was done: no container, no open call, nothing pending, no more resources than before. */
export async function nothingLeft (engine: SimEngine, agent: TestAgent, before: Counts | undefined): Promise<void> {
  await eventually(async () => {
    const left = [
      ...(await engine.containers()).map(({ name, state }) => `container ${name} (${state})`),
      ...await openCalls(engine), ...await pendingIn(agent),
      ...Object.entries(before ? moreThan(before) : {}).map(([type, count]) => `${count} × ${type}`),
    ]
    if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`)
  }, { reason: 'that nothing is left' })
}

function countBy (words: readonly string[]): Counts {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

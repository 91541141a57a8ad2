import type { EventHub } from '../../base/event-hub.ts'
import type { AgentEvent } from '../../model/agent-event.ts'

/** What Mesos counts and nobody else here does; since this run of the agent began. */
export interface Tally {
  readonly pulls: readonly number[]
  readonly launchErrors: number
  readonly containersEnded: number
  close (): void
}

/** As many as Mesos keeps of a timer; it keeps them for an hour. */
const maxPulls = 1000
const keptMs = 3_600_000

export function startTally (events: EventHub<AgentEvent>, now: () => number = () => performance.now()): Tally {
  const pulls: Array<{ readonly at: number, readonly ms: number }> = []
  let [launchErrors, containersEnded] = [0, 0]
  const close = events.listen(event => {
    if (event.kind === 'stage' && event.stage === 'pull' && event.outcome === 'ok') {
      pulls.push({ at: now(), ms: event.durationMs })
      if (pulls.length > maxPulls) pulls.shift()
    }
    if (event.kind === 'container' && event.to === 'failed' && event.from !== 'stopping') launchErrors++
    if (event.kind === 'container' && (event.to === 'exited' || event.to === 'failed')) containersEnded++
  })
  return {
    get pulls () { return pulls.filter(({ at }) => now() - at < keptMs).map(({ ms }) => ms) },
    get launchErrors () { return launchErrors },
    get containersEnded () { return containersEnded },
    close,
  }
}

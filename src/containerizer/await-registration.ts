import { race } from '../base/deadline.ts'
import { AgentError } from '../model/errors.ts'
import type { Container } from './container.ts'
import type { Lanes } from './lanes.ts'

/** Stage register of a container that runs. Its clock starts here: neither fetch nor pull counts. */
export async function awaitRegistration ({ timeline, ended }: Container, registered: Promise<void>, lanes: Lanes): Promise<void> {
  const gone = new AbortController()
  void ended.promise.then(() => { gone.abort(new AgentError('CANCELLED', 'its container has ended', { stage: 'register' })) })
  timeline.begin('register')
  await lanes.run({
    stage: 'register', priority: 0,
    onBegun: queueMs => { timeline.begun('register', queueMs) },
    onSettled: (outcome, durationMs) => { timeline.end('register', outcome, durationMs) },
  }, signal => race(registered, signal), gone.signal)
}

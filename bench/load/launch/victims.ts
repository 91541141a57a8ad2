import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '../../../test/support/eventually.ts'
import type { LoadFramework } from './load-framework.ts'
import { runningContainers } from './stages.ts'
import { taskInfoOf, type LaunchWish } from './wish.ts'

/** It ends in order when it is asked to, and leaves a file that says when that was. */
const line = 'trap ": > $MESOS_SANDBOX/signalled; exit 0" TERM; : > $MESOS_SANDBOX/ready; while true; do sleep 100000 & wait; done'
const graceMs = 30_000

export interface Victim { readonly id: string, readonly sandbox: string }
export interface Killed { readonly signalMs: number, readonly killedMs: number }

let names = 0

/** Containers that handle SIGTERM, and are ready to. */
export async function launchVictims (
  framework: LoadFramework, agent: { readonly url: string, readonly token: string }, wish: LaunchWish, count: number,
): Promise<Victim[]> {
  const ids = Array.from({ length: count }, () => `victim-${names++}`)
  const running = ids.map(id => framework.running(id))
  const change = { command: { shell: true, value: line }, kill_policy: { grace_period: { nanoseconds: graceMs * 1e6 } } }
  await eventually(() => framework.hasOffer, { reason: 'an offer' })
  framework.launch(agentId => ids.map(id => ({ ...taskInfoOf(wish, id, agentId), ...change })))
  await Promise.all(running)
  const sandboxes = new Map((await runningContainers(agent)).map(({ task_id: id, sandbox }) => [id, sandbox]))
  const victims = ids.map(id => ({ id, sandbox: sandboxes.get(id) ?? '' }))
  for (const { id, sandbox } of victims) {
    await eventually(async () => (await stat(join(sandbox, 'ready'))).isFile(), { withinMs: 60_000, reason: `that ${id} can be asked to end` })
  }
  return victims
}

/** From the call: to the signal, by the clock that stamps files (it ticks every few ms), and to the framework's hearing of the end. */
export async function kill (framework: LoadFramework, { id, sandbox }: Victim): Promise<Killed> {
  const end = framework.end(id)
  const [wallMs, startedAtMs] = [Date.now(), performance.now()]
  framework.killAtOnce(id)
  const { state, atMs } = await end
  if (state !== 'TASK_KILLED') throw new Error(`${id} was killed and is ${state}`)
  return { signalMs: Math.max(0, (await stat(join(sandbox, 'signalled'))).mtimeMs - wallMs), killedMs: atMs - startedAtMs }
}

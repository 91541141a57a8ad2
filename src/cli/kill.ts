import { findContainer } from './containers.ts'
import { call } from './http-client.ts'
import { findServer, type Server, type ServerOptions } from './server.ts'
import { AgentError } from '../model/errors.ts'

export interface KillOptions extends ServerOptions {
  readonly framework?: string
  /** Milliseconds. */
  readonly grace?: number
  readonly json?: boolean
}

/** `slipway kill`: asks the agent; the task's own framework hears of its end. */
export async function kill (task: string, options: KillOptions): Promise<number> {
  const server = findServer(options)
  const answer = await ask(server, task, options)
  process.stdout.write(options.json === true ? `${JSON.stringify(answer)}\n` : `${task}: the agent is ending it\n`)
  return 0
}

/** By the task's id at once; only where there is none of that id it is looked for by its other names. */
async function ask (server: Server, task: string, options: KillOptions): Promise<unknown> {
  try {
    return await post(server, { task_id: task, framework_id: options.framework }, options)
  } catch (error) {
    if (!(error instanceof AgentError) || error.code !== 'NOT_FOUND') throw error
    const { task_id, framework_id, task_state: state = 'no state' } = await findContainer(server, { task, framework: options.framework })
    if (task_id === task) throw new AgentError('NOT_FOUND', `task '${task}' has ended: ${state}`)
    return await post(server, { task_id, framework_id }, options)
  }
}

function post (server: Server, whom: object, { grace }: KillOptions): Promise<unknown> {
  const body = JSON.stringify({ ...whom, ...(grace !== undefined && { grace_seconds: grace / 1000 }) })
  return call(server, { method: 'POST', path: '/slipway/v1/kill', body })
}

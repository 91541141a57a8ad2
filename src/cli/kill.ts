import { call } from './http-client.ts'
import { findServer, type ServerOptions } from './server.ts'

export interface KillOptions extends ServerOptions {
  readonly framework?: string
  /** Milliseconds. */
  readonly grace?: number
}

/** `slipway kill`: asks the agent; the task's own framework hears of its end. */
export async function kill (taskId: string, options: KillOptions): Promise<number> {
  const body = JSON.stringify({
    task_id: taskId,
    ...(options.framework !== undefined && { framework_id: options.framework }),
    ...(options.grace !== undefined && { grace_seconds: options.grace / 1000 }),
  })
  await call(findServer(options), { method: 'POST', path: '/slipway/v1/kill', body })
  process.stdout.write(`${taskId}: the agent is ending it\n`)
  return 0
}

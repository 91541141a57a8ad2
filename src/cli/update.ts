import { findContainer } from './containers.ts'
import { call } from './http-client.ts'
import { findServer, type ServerOptions } from './server.ts'
import { UsageError } from './report.ts'

export interface UpdateOptions extends ServerOptions {
  readonly framework?: string
  readonly cpus?: number
  /** MB. */
  readonly mem?: number
  readonly json?: boolean
}

interface Updated { readonly cpus: number, readonly mem_bytes: number }

/** `slipway update`: back when the new limits are in force. */
export async function update (task: string, options: UpdateOptions): Promise<number> {
  const { cpus, mem, framework, json = false } = options
  if (cpus === undefined && mem === undefined) throw new UsageError('what shall change? Give --cpus, --mem or both')
  const server = findServer(options)
  const { task_id, framework_id } = await findContainer(server, { task, framework })
  const answer = await call(server, { method: 'POST', path: '/slipway/v1/update', body: JSON.stringify({ task_id, framework_id, cpus, mem }) }) as Updated
  process.stdout.write(json ? `${JSON.stringify(answer)}\n` : `${task_id}: cpus ${answer.cpus}, mem ${Math.round(answer.mem_bytes / 2 ** 20)} MB\n`)
  return 0
}

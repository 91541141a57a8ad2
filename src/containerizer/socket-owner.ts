import { startDeadline } from '../base/deadline.ts'
import { AgentError } from '../model/errors.ts'
import type { TcpSocket } from '../model/tcp-socket.ts'
import type { Pool } from '../pool/pool.ts'
import type { Container } from './container.ts'

const lookMs = 5_000

/** The one of these containers that has the socket open, as the kernel's files tell it. Bounded. */
export async function findSocketOwner (
  containers: readonly Container[], socket: TcpSocket, { pool, closing }: { pool: Pool, closing: AbortSignal },
): Promise<Container | undefined> {
  const created = containers.filter(({ engineId }) => engineId !== undefined)
  if (created.length === 0) return undefined
  const known = created.map(({ engineId = '', inspected }) => ({ engineId, pid: inspected?.pid }))
  using deadline = startDeadline(closing, lookMs, () => new AgentError('STAGE_TIMEOUT', `who owns a socket was not found out within ${lookMs} ms`))
  const at = await pool.run('socketOwner', { containers: known, socket }, deadline.signal)
  return at === undefined ? undefined : created[at]
}

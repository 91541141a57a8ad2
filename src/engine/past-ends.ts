import type Docker from 'dockerode'
import { readNdjson } from './ndjson.ts'

/** Whether the engine has told of the end of this container since then: of its last 256 events it keeps a copy, as long as it lives. */
export async function hasDied (docker: Docker, { id, sinceMs }: { id: string, sinceMs: number }, abortSignal: AbortSignal): Promise<boolean> {
  const filters = JSON.stringify({ type: ['container'], container: [id], event: ['die'] })
  // Until what is past by now: it answers at once, and no more. Its own clock may read the two in another order.
  const until = Math.max(Date.now(), sinceMs + 1)
  const stream = await docker.getEvents({ since: sinceMs / 1000, until: until / 1000, filters, abortSignal })
  for await (const _event of readNdjson(stream as AsyncIterable<Buffer>)) return true
  return false
}

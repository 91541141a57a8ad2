import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { EngineAddress } from './engine-call.ts'

/** Asks whether the engine is there, on a connection of its own: one that is kept alive would answer long after its socket is gone. */
export async function ping ({ socketPath }: EngineAddress, signal: AbortSignal): Promise<void> {
  const outgoing = request({ socketPath, path: '/_ping', agent: false, signal, headers: { host: 'engine' } })
  const answered = once(outgoing, 'response', { signal }) as Promise<[IncomingMessage]>
  outgoing.on('error', () => {})      // the first one is `once`'s; one after the answer is nobody's
  outgoing.end()
  const [answer] = await answered
  const message = await text(answer)
  if (answer.statusCode !== 200) throw Object.assign(new Error(message.trim()), { statusCode: answer.statusCode })
}

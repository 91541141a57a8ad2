import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { AgentError } from '../model/errors.ts'
import type { EngineAddress } from './engine-call.ts'
import { abortable, wordsOf } from './engine-http.ts'

/** The connection itself, once the engine has given it over: what comes on it is the container's output. docker-modem spends several times as much on it. */
export async function attachTo ({ socketPath }: EngineAddress, id: string, signal: AbortSignal): Promise<Socket> {
  const path = `/containers/${id}/attach?stream=1&stdout=1&stderr=1`
  const headers = { host: 'engine', connection: 'Upgrade', upgrade: 'tcp', 'content-length': 0 }
  return await abortable(signal, (resolve, reject) => {
    const asked = request({ createConnection: () => connect(socketPath), method: 'POST', path, headers })
    asked.on('upgrade', (_answer, socket: Socket, head) => {
      socket.on('error', () => {})          // whoever reads it hears of it as well; until then it is nobody's
      if (head.length > 0) socket.unshift(head)
      resolve(socket)
    })
    asked.on('response', answer => {
      const { socket } = answer
      const refused = wordsOf(answer).then(() => { throw new AgentError('ENGINE_REFUSED', 'the engine did not hand the output over', { call: 'attach' }) })
      void refused.catch(reject).finally(() => { socket.destroy() })         // nobody else closes a connection of its own
    })
    asked.on('error', reject)
    asked.end()
    return asked
  })
}

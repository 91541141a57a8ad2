import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { AgentError } from '../model/errors.ts'
import type { EngineAddress } from './engine-call.ts'
import { abortable, wordsOf } from './engine-http.ts'
import type { ByteStream } from './port.ts'

/** The connection itself, once the engine has given it over: what comes on it is the container's output. docker-modem spends several times as much on it. */
export async function attachTo ({ socketPath }: EngineAddress, id: string, signal: AbortSignal): Promise<ByteStream> {
  const path = `/containers/${id}/attach?stream=1&stdout=1&stderr=1`
  const headers = { host: 'engine', connection: 'Upgrade', upgrade: 'tcp', 'content-length': 0 }
  return await abortable(signal, (resolve, reject) => {
    const connection = connectShared(socketPath)
    const asked = request({ createConnection: () => connection, method: 'POST', path, headers })
    asked.on('upgrade', (_answer, socket: Socket, head) => {
      socket.on('error', () => {})          // whoever reads it hears of it as well; until then it is nobody's
      if (head.length > 0) socket.unshift(head)
      resolve(connection)
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

/** What all connections of a thread are read into, one at a time: fresh memory for each read is a third of what a line of output costs. */
const shared = Buffer.allocUnsafeSlow(64 << 10)

function connectShared (path: string): Socket & ByteStream {
  let direct: ((chunk: Buffer) => void) | undefined
  const callback = (bytes: number, buffer: Uint8Array): boolean => {
    if (direct === undefined) return socket.push(Buffer.from(buffer.subarray(0, bytes)))
    direct(shared.subarray(0, bytes))
    return true
  }
  const socket: Socket = connect({ path, onread: { buffer: shared, callback } })
  const handOver = (take: (chunk: Buffer) => void): void => {
    const before = socket.read() as Buffer | null
    if (before !== null) take(before)
    direct = take
    socket.resume()
  }
  return Object.assign(socket, { handOver })
}

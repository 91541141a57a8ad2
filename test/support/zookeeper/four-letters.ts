import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

/** Asks a server with one of its four-letter words; empty where it does not answer. */
export async function askServer (port: number, word: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.setTimeout(2_000, () => { socket.destroy() })
  socket.write(word)
  return await text(socket).catch(() => '')
}

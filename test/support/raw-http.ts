import { connect } from 'node:net'
import type { RawRequest } from './recorded-calls.ts'

const patienceMs = 15_000

/** The status of the answer; the connection is closed as soon as it is known. Throws when none comes. */
export async function statusOf (url: string, { method, path, headers, body }: RawRequest): Promise<number> {
  const { hostname, port } = new URL(url)
  const head = [`${method} ${path} HTTP/1.1`, `Host: ${hostname}:${port}`, 'Connection: close', `Content-Length: ${body.length}`,
    ...headers.map(([name, value]) => `${name}: ${value}`)].join('\r\n')
  return await new Promise((resolve, reject) => {
    let text = ''
    const socket = connect({ host: hostname, port: Number(port) })
    socket.setTimeout(patienceMs, () => { socket.destroy(new Error(`no answer within ${patienceMs} ms to ${head}`)) })
    socket.on('error', reject)
    socket.on('close', () => { reject(new Error(`closed without an answer to ${head}`)) })
    socket.on('data', chunk => {
      text += chunk.toString('latin1')
      // What comes before the answer proper, to "Expect: 100-continue".
      const [, status] = /^(?:HTTP\/1\.1 100 .*\r\n\r\n)?HTTP\/1\.1 (?!100)(\d{3}) .*\r\n/.exec(text) ?? []
      if (status === undefined) return
      resolve(Number(status))
      socket.destroy()
    })
    socket.end(Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), body]))
  })
}

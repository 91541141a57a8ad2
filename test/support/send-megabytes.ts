import type { ServerResponse } from 'node:http'

const chunk = Buffer.alloc(1e6, 'large')

/** Answers with this many megabytes, as fast as they are taken. */
export function sendMegabytes (response: ServerResponse, count: number): void {
  let left = count
  response.writeHead(200, { 'content-length': count * chunk.length })
  const send = (): void => {
    while (left > 0) {
      left--
      if (!response.write(chunk)) return
    }
    response.end()
  }
  response.on('drain', send)
  send()
}

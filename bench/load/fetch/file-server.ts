// Run as a program: serves /large/MB and /small/N on any free port of loopback, which it prints; ends with its input.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { smallBytes } from './sizes.ts'

const chunk = Buffer.alloc(1e6, 'large')
const small = Buffer.alloc(smallBytes, 'small')

const server = createServer((request, response) => {
  const [, kind, number] = (request.url ?? '').split('/')
  if (kind === 'large') sendLarge(response, Number(number))
  else response.writeHead(200, { 'content-length': small.length }).end(small)
})

function sendLarge (response: ServerResponse, megabytes: number): void {
  let left = megabytes
  response.writeHead(200, { 'content-length': megabytes * chunk.length })
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

server.listen(0, '127.0.0.1', () => { console.log((server.address() as AddressInfo).port) })
process.stdin.resume().once('end', () => { process.exit() })

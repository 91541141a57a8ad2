// Run as a program: serves /large/MB and /small/N on any free port of loopback, which it prints; ends with its input.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sendMegabytes } from '../../../test/support/send-megabytes.ts'
import { smallBytes } from './sizes.ts'

const small = Buffer.alloc(smallBytes, 'small')

const server = createServer((request, response) => {
  const [, kind, number] = (request.url ?? '').split('/')
  if (kind === 'large') sendMegabytes(response, Number(number))
  else response.writeHead(200, { 'content-length': small.length }).end(small)
})

server.listen(0, '127.0.0.1', () => { console.log((server.address() as AddressInfo).port) })
process.stdin.resume().once('end', () => { process.exit() })

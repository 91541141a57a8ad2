import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { followFile } from '../../../src/cli/follow-file.ts'
import type { LogFollower } from '../../../src/cli/follow-log.ts'
import { foreignAgent } from '../../../src/cli/foreign-agent.ts'
import { chain } from '../../../src/model/errors.ts'
import { printString } from '../../../src/wire/print-scalar.ts'
import { eventually } from '../../support/eventually.ts'
import { offer } from '../../support/fake-master.ts'
import { startWebServer } from '../../support/web-server.ts'

interface Following { readonly follower: LogFollower, read (): Buffer }

function follow (host: string): Following {
  const chunks: Buffer[] = []
  const to = new Writable({ write (chunk: Buffer, _encoding, done) { chunks.push(chunk); done() } })
  const source = { agent: { url: `http://${host}`, token: undefined }, path: '/frameworks/F/executors/T/runs/latest/stdout' }
  return { follower: followFile(source, to, new AbortController().signal), read: () => Buffer.concat(chunks) }
}

/** As an agent of Mesos answers: 64 KB at most, bytes that are no text as they are. */
function answerWith (file: Buffer, { url = '' }: IncomingMessage, response: ServerResponse): void {
  const { searchParams } = new URL(url, 'http://agent')
  assert.equal(searchParams.get('path'), '/frameworks/F/executors/T/runs/latest/stdout')
  const offset = Number(searchParams.get('offset'))
  const data = file.subarray(offset, offset + Math.min(65_536, Number(searchParams.get('length'))))
  response.end(Buffer.from(`{"data":${printString(data.toString('latin1'))},"offset":${offset}}`, 'latin1'))
}

test('a file comes out byte for byte, though it is not there at first, grows later, and its agent goes away in between', async () => {
  const whole = randomBytes(300_000)
  let [requests, size] = [0, 200_000]
  await using server = await startWebServer((request, response) => {
    if (++requests === 1) response.writeHead(404).end()
    else if (requests === 3) request.socket.destroy()
    else if (requests === 5) response.writeHead(503).end()
    else answerWith(whole.subarray(0, size), request, response)
  })
  const { follower, read } = follow(server.host)
  await eventually(() => read().length === size)
  size = whole.length
  await eventually(() => read().length === size)
  assert.equal(follower.endedAt(), undefined, 'before the task has ended it may grow')
  follower.hurry()
  await follower.done
  assert(read().equals(whole))
  assert.equal(follower.endedAt(), whole.length)
})

test('what comes soon after the end of the task is waited for', async () => {
  let text = 'first\n'
  await using server = await startWebServer((request, response) => { answerWith(Buffer.from(text), request, response) })
  const { follower, read } = follow(server.host)
  await eventually(() => read().length > 0)
  follower.hurry()
  text += 'last\n'
  await follower.done
  assert.equal(read().toString(), 'first\nlast\n')
})

for (const [what, status, body, why] of [
  ['no such file after the end', 404, '', /runs\/latest\/stdout cannot be had/],
  ['a door that is closed', 401, '', /cannot be had: .* wants a token/],
  ['something that is no agent', 200, '<html>', /does not answer as a Mesos agent does/],
] as const) {
  test(`${what} is told`, async () => {
    await using server = await startWebServer((_request, response) => { response.writeHead(status).end(body) })
    const { follower } = follow(server.host)
    follower.hurry()
    await assert.rejects(follower.done, (error: unknown) => {
      assert.match(chain(error), why)
      return true
    })
  })
}

test('an agent that is not its own master is found by its offer', () => {
  const server = { url: 'http://m:5050', token: 'not for agents', credential: { principal: 'p', secret: 's' } }
  const master = { id: 'm', ip: 0, port: 5050, address: { ip: '10.0.0.1', port: 5050 } }
  const at = (ip: string, port: number, scheme = 'http') =>
    ({ ...offer(1, 1), url: { scheme, address: { hostname: 'a.example', ip, port }, path: '/slave(1)' } })
  assert.deepEqual(foreignAgent(at('10.0.0.2', 5051), master, server), { url: 'http://10.0.0.2:5051', token: undefined, credential: server.credential })
  assert.equal(foreignAgent(at('10.0.0.2', 5051, 'https'), master, server)?.url, 'https://a.example:5051')
  assert.equal(foreignAgent(at('fe80::1', 5051), master, server)?.url, 'http://[fe80::1]:5051')
  assert.equal(foreignAgent(at('10.0.0.1', 5050), master, server), undefined)
  assert.equal(foreignAgent(offer(1, 1), master, server), undefined)
})

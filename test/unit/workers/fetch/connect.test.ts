import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { AgentError } from '../../../../src/model/errors.ts'
import { startFetchBench } from './fetch-bench.ts'

interface FullHost extends AsyncDisposable { readonly port: number }

/** A host that listens and accepts nobody, its queue full: who connects hears nothing. */
async function startFullHost (): Promise<FullHost> {
  const sleep = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'
  const listen = `createServer().listen(0, '127.0.0.1', 1, function () { console.log(this.address().port); ${sleep} })`
  const child = spawn(process.execPath, ['-e', `require("node:net").${listen}`], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(child.stdout, 'data') as [Buffer]
  const port = Number(String(line))
  const sockets: Socket[] = []
  for (let isFull = false; !isFull;) {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    sockets.push(socket)
    isFull = await Promise.race([once(socket, 'connect').then(() => false), wait(300, true)])
  }
  return {
    port,
    async [Symbol.asyncDispose] () {
      for (const socket of sockets) socket.destroy()
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

test('a host that lets nobody in has the stall deadline, and a cancel does not wait for it', async () => {
  using bench = startFetchBench()
  await using host = await startFullHost()
  const uri = `http://127.0.0.1:${host.port}/x`
  const connecting = (): number => process.getActiveResourcesInfo().filter(kind => kind === 'TCPSocketWrap' || kind === 'TCPConnectWrap').length
  const before = connecting()
  assert.equal(await bench.refused('STAGE_STALLED', [uri], { stallMs: 200 }), `${uri}: no byte for 0.2 s`)
  const controller = new AbortController()
  const running = bench.fetch([uri], { signal: controller.signal, stallMs: 60_000 })
  const killed = new AgentError('CANCELLED', 'killed')
  setTimeout(() => { controller.abort(killed) }, 50)
  await assert.rejects(running, error => error === killed)
  await wait(0)
  assert.equal(connecting(), before, 'no connection goes on')
})

const skip = spawnSync('openssl', ['version']).status !== 0 && 'there is no openssl to make a certificate'

test('a server whose certificate nobody vouches for is refused', { skip }, async () => {
  using bench = startFetchBench()
  const [key, cert] = [join(bench.outside, 'key.pem'), join(bench.outside, 'cert.pem')]
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost']
  execFileSync('openssl', [...request, '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert], { stdio: 'pipe' })
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_request, response) => { response.end('secret') })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const uri = `https://localhost:${(server.address() as AddressInfo).port}/x`
    assert.match(await bench.refused('FETCH_FAILED', [uri]), /: self-signed certificate$/)
  } finally {
    server.close()
    server.closeAllConnections()
  }
})

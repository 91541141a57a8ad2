import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

const engine = new URL('../../../src/engine/docker-engine.js', import.meta.url).href
const ask = `const { openEngine } = await import('${engine}')
console.log(await openEngine({ socketPath: process.argv[1] }).version(AbortSignal.timeout(30_000)))`
const list = `await import('${engine}')
console.log(Object.keys((await import('node:module')).createRequire('/').cache).join('\\n'))`

async function run (script: string, words: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, ...words], { env: { ...process.env, ...env } })
  return stdout.trim()
}

for (const host of ['tcp://127.0.0.1:9', 'ssh://nobody@127.0.0.1:9', 'unix:///nowhere.sock']) {
  test(`the engine is the one behind the socket, though DOCKER_HOST is ${host}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-host-'))
    const server = createServer((_request, response) => { response.end('{"Version":"1.2.3"}') }).listen(join(folder, 'engine.sock'))
    try {
      await once(server, 'listening')
      assert.equal(await run(ask, [join(folder, 'engine.sock')], { DOCKER_HOST: host, DOCKER_TLS_VERIFY: '', DOCKER_CLIENT_TIMEOUT: '1' }), '1.2.3')
    } finally {
      server.close()
      await rm(folder, { recursive: true })
    }
  })
}

test('what dockerode has for engines elsewhere and for builds is not loaded', async () => {
  const loaded = await run(list)
  assert.match(loaded, /node_modules\/dockerode\//)
  assert.doesNotMatch(loaded, /node_modules\/(ssh2|@grpc|protobufjs)\//)
})

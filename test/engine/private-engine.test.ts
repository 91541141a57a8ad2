import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askEngine, callEngine, engineAnswers } from '../support/engine-api.ts'
import { leftovers } from '../support/engine-place.ts'
import { ensureBusybox, pushTo, removeImage } from '../support/images.ts'
import { startPrivateEngine, type PrivateEngine } from '../support/private-engine.ts'
import { needsPrivateEngine } from '../support/requires.ts'

const { skip } = needsPrivateEngine()

interface Made { Id: string }
interface Seen { State: { Running: boolean, Pid: number } }

async function runSleeper (engine: PrivateEngine, networkMode: string): Promise<string> {
  const Image = await ensureBusybox(engine.socket)
  const { Id } = await askEngine<Made>(engine.socket, 'POST /containers/create', {
    body: { Image, Cmd: ['sleep', '1000'], HostConfig: { NetworkMode: networkMode } },
  })
  await askEngine(engine.socket, `POST /containers/${Id}/start`)
  return Id
}

const isRunning = async (engine: PrivateEngine, id: string): Promise<boolean> =>
  (await askEngine<Seen>(engine.socket, `GET /containers/${id}/json`)).State.Running

test('a private engine answers and pulls from its own registry', { skip }, async () => {
  await using engine = await startPrivateEngine({ registry: true })
  const local = await ensureBusybox(engine.socket)
  const remote = await pushTo(engine.socket, engine.registry ?? '', local)
  await removeImage(engine.socket, remote)
  await removeImage(engine.socket, local)
  assert.equal((await callEngine(engine.socket, `GET /images/${remote}/json`)).status, 404)

  await askEngine(engine.socket, `POST /images/create?fromImage=${encodeURIComponent(remote)}`).catch(() => {})
  assert.equal((await callEngine(engine.socket, `GET /images/${remote}/json`)).status, 200)
})

test('a private engine leaves no mount, process, bridge, rule, cgroup or folder behind', { skip }, async () => {
  await using engine = await startPrivateEngine({ registry: true })
  const ids = [await runSleeper(engine, 'bridge'), await runSleeper(engine, 'host'), await runSleeper(engine, 'none')]
  for (const id of ids) assert.equal(await isRunning(engine, id), true)
  const whileUp = leftovers(engine.place)
  for (const kind of ['process', 'cgroup', 'folder']) assert.ok(whileUp.some(line => line.startsWith(kind)), `the check sees its ${kind}`)

  await engine.stop()
  assert.deepEqual(leftovers(engine.place), [])
})

test('a private engine whose dockerd is killed keeps its containers and finds them again', { skip }, async () => {
  await using engine = await startPrivateEngine()
  const id = await runSleeper(engine, 'bridge')
  const { State: { Pid } } = await askEngine<Seen>(engine.socket, `GET /containers/${id}/json`)

  await engine.kill9()
  assert.equal(await engineAnswers(engine.socket), false)
  process.kill(Pid, 0)
  await engine.startEngine()
  assert.equal(await isRunning(engine, id), true)
})

test('a paused private engine does not answer until it is resumed, and can be stopped while it hangs', { skip }, async () => {
  await using engine = await startPrivateEngine()
  engine.pause()
  await assert.rejects(callEngine(engine.socket, 'GET /_ping', { timeoutMs: 200 }))
  engine.resume()
  assert.equal(await engineAnswers(engine.socket), true)

  engine.pause()
  await engine.stop()
  assert.deepEqual(leftovers(engine.place), [])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deferred } from '../../../src/base/deferred.ts'
import type { Container } from '../../../src/containerizer/container.ts'
import { SocketOwners } from '../../../src/containerizer/socket-owner.ts'
import type { Input } from '../../../src/pool/jobs.ts'
import type { Pool } from '../../../src/pool/pool.ts'
import { eventually } from '../../support/eventually.ts'

type Look = Input<'socketOwner'>

const socket = { local: { ip: '127.0.0.1', port: 1 } }
const calm = new AbortController().signal

/** A pool that asks the test. */
function poolOf (answer: (look: Look) => Promise<number | undefined>): Pool {
  return { run: (_job: string, look: Look) => answer(look) } as unknown as Pool
}

function container (engineId: string | undefined, pid?: number): Container {
  return { engineId, inspected: pid === undefined ? undefined : { pid }, looked: deferred() } as unknown as Container
}

test('the owner is found among the containers that there are', async () => {
  const looks: Look[] = []
  const owners = new SocketOwners(poolOf(async look => { looks.push(look); return 1 }), calm)
  const [early, a, b] = [container(undefined), container('a', 7), container('b', 8)]
  assert.equal(await owners.find([early, a, b], socket), b)
  assert.deepEqual(looks, [{ containers: [{ engineId: 'a', pid: 7 }, { engineId: 'b', pid: 8 }], socket }])
  assert.equal(await owners.find([early], socket), undefined)
  assert.equal(looks.length, 1)
})

test('where the engine has yet to tell of a container, a second look waits for that', async () => {
  const one = container('a')
  const owners = new SocketOwners(poolOf(async ({ containers }) => containers[0]?.pid === undefined ? undefined : 0), calm)
  const owner = owners.find([one], socket)
  Object.assign(one, { inspected: { pid: 7 } })
  one.looked.resolve()
  assert.equal(await owner, one)
})

test('a few looks at a time, however many are asked for', async () => {
  let [underWay, most] = [0, 0]
  const go = deferred()
  const owners = new SocketOwners(poolOf(async () => {
    most = Math.max(most, ++underWay)
    await go.promise
    underWay--
    return 0
  }), calm)
  const all = Array.from({ length: 20 }, () => owners.find([container('a', 7)], socket))
  await eventually(() => most > 0)
  go.resolve()
  await Promise.all(all)
  assert.equal(most, 4)
})

test('a look that comes to nothing for the agent closes is told so', async () => {
  const closing = new AbortController()
  const owners = new SocketOwners(poolOf(() => new Promise(() => {})), closing.signal)
  const one = owners.find([container('a', 7)], socket)
  closing.abort(new Error('closing'))
  await assert.rejects(one, /closing/)
})

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Cli } from '../support/cli-process.ts'
import { HttpMaster } from '../support/mesos-master/http-master.ts'
import { startSimEngine, type SimEngine } from '../support/sim-engine.ts'
import { startTestAgent, type TestAgent } from '../support/test-agent.ts'
import { ZooKeeperWriter } from '../support/zookeeper/client.ts'
import { needsZooKeeper, startZooKeeper } from '../support/zookeeper/server.ts'

const folder = mkdtempSync(join(tmpdir(), 'slipway-cli-mesos-'))
const credential = join(folder, 'credential')
const cli = new Cli({})
let engine: SimEngine
let agent: TestAgent

before(async () => {
  writeFileSync(credential, '{"principal":"p","secret":"open sesame"}')
  engine = await startSimEngine()
  agent = await startTestAgent(engine.socket, { authenticate: 'false' })
})
after(async () => {
  await agent[Symbol.asyncDispose]()
  await engine[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const run = (master: string, ...words: string[]): string[] => ['run', '--master', master, '--image', 'busybox', ...words]

test('a task in a Mesos cluster has its output from its agent, both streams, and its exit code', async () => {
  await using master = await HttpMaster.start(agent.url)
  const { code, stdout, stderr } = await cli.run(...run(master.address, '--', 'echo one; echo two >&2; sleep 0.3; echo three; exit 7'))
  assert.deepEqual([code, stdout, stderr], [7, 'one\nthree\n', 'two\n'])
  assert.equal(master.calls[0], 'SUBSCRIBE')
  assert.equal(master.calls.at(-1), 'TEARDOWN')
})

test('more output than an agent gives at a time comes out whole', async () => {
  await using master = await HttpMaster.start(agent.url)
  const { code, stdout, stderr } = await cli.run(...run(master.address, '--', 'seq 40000; echo \'éü \\ "x"\''))
  assert.equal(code, 0, stderr)
  assert.equal(stdout, `${Array.from({ length: 40_000 }, (_, i) => `${i + 1}\n`).join('')}éü \\ "x"\n`)
})

test('a master that does not lead sends us to the one that does', async () => {
  await using leader = await HttpMaster.start(agent.url)
  await using other = await HttpMaster.start(agent.url, { leader })
  const { code, stdout, stderr } = await cli.run(...run(other.address, '--', 'echo here'))
  assert.deepEqual([code, stdout], [0, 'here\n'], stderr)
  assert.deepEqual(other.calls, [])
})

test('masters that send us around in a circle are left', async () => {
  await using first = await HttpMaster.start(agent.url)
  const circle: { leader?: HttpMaster } = {}
  await using second = await HttpMaster.start(agent.url, circle)
  circle.leader = second
  const { code, stderr } = await cli.run(...run(second.address, '--', 'true'))
  assert.equal(code, 125)
  assert.match(stderr, /sends us on to 127\.0\.0\.1:\d+/)
  assert.deepEqual(first.calls, [])
})

test('a master that wants to know who we are is told by --credential', async () => {
  await using master = await HttpMaster.start(agent.url, { credential: 'p:open sesame' })
  const { code, stdout, stderr } = await cli.run(...run(master.address, '--credential', credential, '--', 'echo in'))
  assert.deepEqual([code, stdout], [0, 'in\n'], stderr)
  await using closed = await HttpMaster.start(agent.url, { credential: 'p:another' })
  const refused = await cli.run(...run(closed.address, '--credential', credential, '--', 'echo in'))
  assert.equal(refused.code, 125)
  assert.match(refused.stderr, /refuses 'p' of --credential/)
  assert.doesNotMatch(refused.stderr, /sesame/)
})

test('--detach is refused in a cluster, and nothing is left there', async () => {
  await using master = await HttpMaster.start(agent.url)
  const { code, stderr } = await cli.run(...run(master.address, '--detach', '--', 'sleep 100'))
  assert.equal(code, 125)
  assert.match(stderr, /--detach needs an agent of ours that is its own master/)
  assert.equal(master.calls.at(-1), 'TEARDOWN')
  assert(!master.calls.includes('ACCEPT'))
})

test('Ctrl-C kills the task in a cluster', async () => {
  await using master = await HttpMaster.start(agent.url)
  const process = cli.start(...run(master.address, '--', 'echo up; sleep 100'))
  await process.said(/up/)
  process.kill('SIGINT')
  const { code, stderr } = await process.ended
  assert.equal(code, 143, stderr)
  assert(master.calls.includes('KILL'))
})

test('a leader that changes is followed by ZooKeeper: the task goes on, and no line of it is lost', { ...needsZooKeeper(), timeout: 120_000 }, async () => {
  await using zooKeeper = await startZooKeeper()
  await using first = await HttpMaster.start(agent.url)
  await using second = await HttpMaster.start(agent.url)
  await using one = await ZooKeeperWriter.open(zooKeeper.port)
  await using two = await ZooKeeperWriter.open(zooKeeper.port)
  await one.create('/mesos', '')
  await one.create('/mesos/json.info_', first.info, 'ephemeral sequential')
  await two.create('/mesos/json.info_', second.info, 'ephemeral sequential')
  const lines = Array.from({ length: 60 }, (_, i) => `line ${i}`)
  const process = cli.start(...run(`zk://127.0.0.1:${zooKeeper.port}/mesos`, '--', `${lines.map(line => `echo ${line}; sleep 0.1`).join('; ')}; exit 7`))
  await process.said(/line 3\n/)
  await one[Symbol.asyncDispose]()
  await first[Symbol.asyncDispose]()
  const { code, stdout, stderr } = await process.ended
  assert.deepEqual([code, stdout], [7, lines.map(line => `${line}\n`).join('')], stderr)
  assert.match(stderr, /the master is back/)
  assert.deepEqual([first.calls[0], second.calls[0], second.calls.at(-1)], ['SUBSCRIBE', 'SUBSCRIBE', 'TEARDOWN'])
})

test('an address of a cluster that cannot be is told at once, without its password', async () => {
  for (const address of ['zk://user:sesame@host:0/mesos', 'zk://host', 'file:///not/there']) {
    const { code, stderr } = await cli.run(...run(address, '--', 'true'))
    assert.notEqual(code, 0)
    assert.match(stderr, /--master: /, address)
    assert.doesNotMatch(stderr, /sesame/)
  }
})

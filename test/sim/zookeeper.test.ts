import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { silentLog } from '../../src/base/log.ts'
import { masterDetector, type Leader, type MasterDetector } from '../../src/detection/detector.ts'
import { chain, type AgentError } from '../../src/model/errors.ts'
import { encodeProtobuf } from '../../src/wire/protobuf.ts'
import { eventually } from '../support/eventually.ts'
import { startStallingProxy } from '../support/stalling-proxy.ts'
import { ZooKeeperWriter } from '../support/zookeeper/client.ts'
import { needsZooKeeper, startZooKeeper, type ZooKeeper } from '../support/zookeeper/server.ts'

const { skip } = needsZooKeeper()
const options = { skip, timeout: 120_000 }
const withinMs = 30_000
let zooKeeper: ZooKeeper

before(async () => { if (skip === false) zooKeeper = await startZooKeeper() }, { timeout: 120_000 })
after(async () => { await (zooKeeper as ZooKeeper | undefined)?.[Symbol.asyncDispose]() })

interface Following extends AsyncDisposable {
  readonly told: Array<{ readonly leader: Leader | undefined, readonly problem: AgentError | undefined }>
  /** Waits until this is what was told last: a pid, or why there is none. */
  tells (last: string | RegExp): Promise<void>
}

function follow (path: string, ports: readonly number[] = [zooKeeper.port], user = ''): Following {
  const told: Following['told'] = []
  const servers = ports.map(port => `127.0.0.1:${port}`).join(',')
  const detector: MasterDetector = masterDetector(`zk://${user}${servers}${path}`, { log: silentLog, sessionTimeoutMs: 1500 })
  detector.follow((leader, problem) => { told.push({ leader, problem }) })
  return {
    told,
    async tells (last) {
      await eventually(() => {
        const { leader, problem } = told.at(-1) ?? {}
        if (typeof last === 'string') assert.equal(leader?.pid, last)
        else assert.match(leader ? leader.pid : chain(problem), last)
      }, { withinMs, reason: `word of ${last}` })
    },
    async [Symbol.asyncDispose] () { await detector.close() },
  }
}

/** What a master of 1.11 writes into its node. */
function masterInfo (port: number): object {
  return {
    address: { hostname: 'm.example', ip: '127.0.0.1', port }, capabilities: [{ type: 'AGENT_UPDATE' }, { type: 'QUOTA_V2' }], hostname: 'm.example',
    id: `id-${port}`, ip: 16777343, pid: `master@127.0.0.1:${port}`, port, version: '1.11.0',
  }
}

async function startMaster (path: string, port: number): Promise<ZooKeeperWriter> {
  const master = await ZooKeeperWriter.open(zooKeeper.port)
  await master.create(`${path}/json.info_`, JSON.stringify(masterInfo(port)), 'ephemeral sequential')
  return master
}

async function makePath (path: string): Promise<void> {
  await using writer = await ZooKeeperWriter.open(zooKeeper.port)
  await writer.create(path, '')
}

test('the first master leads; when it goes, the next one does; and when all have gone, none', options, async () => {
  await makePath('/change')
  await using first = await startMaster('/change', 5051)
  await using second = await startMaster('/change', 5052)
  await using following = follow('/change')
  await following.tells('master@127.0.0.1:5051')
  assert.deepEqual(following.told.at(-1)?.leader, { ip: '127.0.0.1', port: 5051, pid: 'master@127.0.0.1:5051', hostname: 'm.example' })
  await first[Symbol.asyncDispose]()
  await following.tells('master@127.0.0.1:5052')
  await second[Symbol.asyncDispose]()
  await following.tells(/the node \/change in ZooKeeper names none/)
  assert.equal(following.told.length, 3, 'each once')
})

test('a path that is not there yet is waited for', options, async () => {
  await using following = follow('/later')
  await following.tells(/ZooKeeper has no node \/later yet/)
  await makePath('/later')
  await following.tells(/names none/)
  await using _master = await startMaster('/later', 5051)
  await following.tells('master@127.0.0.1:5051')
})

test('a master that comes back at its old address is told again: it is another process', options, async () => {
  await makePath('/again')
  await using first = await startMaster('/again', 5051)
  await using following = follow('/again')
  await following.tells('master@127.0.0.1:5051')
  await using _second = await startMaster('/again', 5051)
  await first[Symbol.asyncDispose]()
  await eventually(() => following.told.length === 2, { withinMs })
  await following.tells('master@127.0.0.1:5051')
})

test('nodes of older masters are understood: binary ones, and those that hold a pid alone; other children are passed over', options, async () => {
  await makePath('/older')
  await using writer = await ZooKeeperWriter.open(zooKeeper.port)
  await writer.create('/older/log_replicas', '')
  await writer.create('/older/bogus_0000000000', '')
  await using following = follow('/older')
  await following.tells(/names none/)
  const oldest = await writer.create('/older/', 'master@127.0.0.1:5070', 'ephemeral sequential')
  await following.tells('master@127.0.0.1:5070')
  const binary = encodeProtobuf('v1.MasterInfo', { id: 'x', ip: 0x0100007f, port: 5071, hostname: 'old.example' })
  const older = await writer.create('/older/info_', binary, 'ephemeral sequential')
  await writer.delete(oldest)
  await following.tells('master@127.0.0.1:5071')
  assert.equal(following.told.at(-1)?.leader?.hostname, 'old.example')
  await writer.create('/older/json.info_', '{"id":', 'ephemeral sequential')
  await writer.delete(older)
  await following.tells(/the node json\.info_\d+ says of the leading master cannot be understood/)
})

test('a path for one user is read with its password, and what is wrong is told without it', options, async () => {
  await using writer = await ZooKeeperWriter.open(zooKeeper.port)
  await writer.create('/closed', '', 'plain', 'mesos:open-sesame')
  await using stranger = follow('/closed', undefined, 'mesos:wrong-secret@')
  await stranger.tells(/wants a user and password, or others/)
  assert(stranger.told.every(({ problem }) => !chain(problem).includes('secret')))
  await using friend = follow('/closed', undefined, 'mesos:open-sesame@')
  await friend.tells(/names none/)
})

test('a server that stalls is left for another one, and the leader stays', options, async () => {
  await makePath('/stall')
  await using _master = await startMaster('/stall', 5051)
  const proxies = [await startStallingProxy(zooKeeper.port), await startStallingProxy(zooKeeper.port)] as const
  await using following = follow('/stall', proxies.map(({ port }) => port))
  await following.tells('master@127.0.0.1:5051')
  const [used, other] = proxies[0].connections > 0 ? proxies : [proxies[1], proxies[0]]
  used.stall()
  await eventually(() => other.connections > 0, { withinMs })
  await using second = await startMaster('/stall', 5052)
  await _master[Symbol.asyncDispose]()
  await following.tells('master@127.0.0.1:5052')
  assert.deepEqual(following.told.map(({ leader }) => leader?.port), [5051, 5052])
  await second[Symbol.asyncDispose]()
  for (const proxy of proxies) await proxy[Symbol.asyncDispose]()
})

test('a connection that breaks is made anew, and nothing is told of it', options, async () => {
  await makePath('/break')
  await using master = await startMaster('/break', 5051)
  await using proxy = await startStallingProxy(zooKeeper.port)
  await using following = follow('/break', [proxy.port])
  await following.tells('master@127.0.0.1:5051')
  proxy.hangUp()
  await eventually(() => proxy.connections === 0, { withinMs })
  await eventually(() => proxy.connections > 0, { withinMs })
  await master[Symbol.asyncDispose]()
  await following.tells(/names none/)
  assert.equal(following.told.length, 2)
})

test('a whole ensemble that stalls takes its leader along when the session is over, and brings it back', options, async () => {
  await using own = await startZooKeeper()
  await using writer = await ZooKeeperWriter.open(own.port)
  await writer.create('/mesos', '')
  await writer.create('/mesos/json.info_0000000001', JSON.stringify(masterInfo(5051)))
  await using following = follow('/mesos', [own.port])
  await following.tells('master@127.0.0.1:5051')
  own.stall()
  await following.tells(/the ZooKeeper server 127\.0\.0\.1:\d+ is lost/)
  own.goOn()
  await following.tells('master@127.0.0.1:5051')
  await own.kill()
  await following.tells(/is lost/)
  await own.start()
  await following.tells('master@127.0.0.1:5051')
})

test('a server that is no ZooKeeper, and one that never answers, are told of and can be left at once', options, async () => {
  await using mute = await startStallingProxy(zooKeeper.port)
  mute.stall()
  await using following = follow('/any', [mute.port])
  await following.tells(/granted no session within 1500 ms/)
})

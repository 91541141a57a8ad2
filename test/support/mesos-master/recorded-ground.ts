import { spawn, type ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { internal, MessageTypes } from '../../../src/wire/messages.ts'
import { decodeProtobuf } from '../../../src/wire/protobuf.ts'
import { bodyBytes, typeOf, type WireLine } from '../../unit/wire/recorded-wire.ts'
import { eventually } from '../eventually.ts'
import { executorEnvironment } from '../executor-client.ts'
import type { Internal } from '../libprocess-peer.ts'
import type { SimEngine } from '../sim-engine.ts'
import type { TestSettings } from '../test-agent.ts'
import type { Replay } from './replay.ts'
import type { TestMaster } from './test-master.ts'

/** As the recorded agent was started. */
export const recordedSettings: TestSettings = {
  resources: 'cpus:64;mem:65536;disk:100000;ports:[31000-32000]', attributes: 'rack:r1;zone:a;level:3;slots:[1-4]', hostname: '127.0.0.1',
  registrationBackoffFactor: '300ms', allowHostPaths: '/srv', exitPollInterval: '100ms', dockerStopTimeout: '500ms',
}

export const recordedImages = ['busybox:latest', 'fixture/busybox:1']

/** The id that the recorded master gave. */
export function agentOf (lines: readonly WireLine[]): string | undefined {
  return lines.map(line => /"slave_id": ?\{"value": ?"([^"]+)"\}/.exec(JSON.stringify(line.decoded))?.[1]).find(id => id !== undefined)
}

/** From here on what the master says is said by the recording; the agent is registered. */
export async function beginAt (lines: readonly WireLine[], replay: Replay, master: TestMaster): Promise<void> {
  await master.registered()
  await eventually(() => master.of('internal.PongSlaveMessage').length > 0)
  master.answers = false
  const run = lines.find(line => typeOf(line) === 'internal.RunTaskMessage')
  const { resource_version_uuids: versions = [] } = run === undefined ? {} : decodeProtobuf('internal.RunTaskMessage', bodyBytes(run))
  for (const { uuid: { value } } of versions) replay.learn(Buffer.from(value).toString('base64'), Buffer.from(master.resourceVersion).toString('base64'))
  replay.begin()
}

/** Simulated programs die of SIGTERM unless they trap it, which a real pid 1 does not; and executors run in containers here. */
export function adapt (name: Internal, message: MessageTypes[Internal]): void {
  if (name !== 'internal.RunTaskMessage') return
  const { task } = message as internal.RunTaskMessage
  if (task.command?.value === 'exec sleep 1000') task.command.value = 'trap "" TERM; sleep 1000'
  if (task.command?.value?.startsWith('trap "exit 0"') === true) task.command.value = 'trap "exit 0" TERM; sleep 1000'
  if (/^sleep (9|30|\d\d)/.test(task.command?.value ?? '')) task.command = { value: 'sleep 1000', shell: true }
  if (task.health_check?.command?.value === 'test -d /data') task.health_check.command.value = 'true'
  if (task.executor?.command !== undefined) {
    task.executor.command.value = 'sleep 1000'
    task.executor.container = { type: 'DOCKER', docker: { image: 'busybox', network: 'HOST' } }
  }
}

/** The program of an executor, which does as the recorded one did, in the place of its container's. */
export async function startExecutor (engine: SimEngine, executorId: string): Promise<ChildProcess> {
  const environment = await executorEnvironment(engine.socket, executorId)
  const program = fileURLToPath(new URL('../sample-executor.js', import.meta.url))
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, program], { env: { PATH: process.env['PATH'], ...environment }, stdio: 'ignore' })
  child.once('exit', code => { void endContainer(engine, environment['MESOS_CONTAINER_NAME'] ?? '', code ?? 1) })
  return child
}

async function endContainer (engine: SimEngine, name: string, code: number): Promise<void> {
  await engine.exit(name, code).catch(() => {})
}

/** A port that nobody has at the moment: an agent that is started again is to be where it was. */
export async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

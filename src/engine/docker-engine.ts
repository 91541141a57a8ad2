import type Docker from 'dockerode'
import { backoff } from '../base/backoff.ts'
import { delay } from '../base/deadline.ts'
import type { ContainerLimits } from '../model/container-spec.ts'
import { messageOf } from '../model/errors.ts'
import { fullName, parseImage } from '../model/image-reference.ts'
import { createBody, type EngineLogLimits } from './create-body.ts'
import { call, connect, dial, type EngineAddress } from './engine-call.ts'
import { engineHttp, type EngineHttp } from './engine-http.ts'
import { exec } from './exec.ts'
import { images, imagesInUse } from './images.ts'
import { readNdjson } from './ndjson.ts'
import { createNetwork, findNetwork, listNetworks, removeNetwork } from './networks.ts'
import { toInspected } from './inspected.ts'
import type { EngineCall, EngineMetrics } from './metrics.ts'
import { hasDied } from './past-ends.ts'
import { ping } from './ping.ts'
import type { Engine, EngineEvent, Listed } from './port.ts'
import { statusOf, translateWords } from './translate-error.ts'
import { updateBody } from './update-body.ts'

export { openEngineStreams } from './docker-streams.ts'

const defaultLog: EngineLogLimits = { maxSizeBytes: 10 << 20, maxFiles: 2 }
/** Two more for each launch, of its create and its start, would be read and thrown away. */
const eventActions = ['die', 'destroy'] as const
/** Somebody else's removal most often ends at once. For one that hangs the caller comes again: nothing else would end the wait. */
const othersRemovalMs = 5_000

export interface EngineOptions extends EngineAddress {
  readonly log?: EngineLogLimits
  /** JSON; undefined: the engine's own. */
  readonly seccompProfile?: string | undefined
  readonly metrics?: EngineMetrics
}

/** The Docker Engine behind the port. Opening makes no call. */
export function openEngine (options: EngineOptions): Engine {
  const { log = defaultLog, seccompProfile, metrics } = options
  const docker = connect(options)
  const http = engineHttp(options)

  async function timed<T> (name: EngineCall, signal: AbortSignal, request: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
    const startedAt = performance.now()
    const answer = call(name, signal, request)
    const told = (isOk: boolean): void => { metrics?.answered(name, performance.now() - startedAt, isOk) }
    answer.then(() => { told(true) }, () => { told(false) })
    return await answer
  }

  return {
    ping: signal => timed('ping', signal, abortSignal => ping(options, abortSignal)),
    version: signal => timed('version', signal, async abortSignal =>
      (await dial<{ Version: string }>(docker, { path: '/version', method: 'GET', abortSignal })).Version),
    hasImage: (image, signal) => timed('image inspect', signal, async abortSignal =>
      await accepting([404], http.ask('GET', `/images/${fullName(parseImage(image))}/json`, abortSignal)) !== undefined),
    create: (spec, signal) => timed('create', signal, abortSignal =>
      create(http, spec.name, createBody(spec, log, seccompProfile), abortSignal)),
    start: (id, signal) => timed('start', signal, async abortSignal => { await http.ask('POST', `/containers/${id}/start`, abortSignal) }),
    kill: (id, unixSignal, signal) => timed('kill', signal, async abortSignal => {
      await accepting([404, 409], http.ask('POST', `/containers/${id}/kill?signal=${unixSignal}`, abortSignal))
    }),
    update: (id, limits, signal) => timed('update', signal, abortSignal => update(http, id, limits, abortSignal)),
    remove: (id, signal) => timed('remove', signal, abortSignal => remove(http, id, abortSignal)),
    inspect: (id, signal) => timed('inspect', signal, async abortSignal => {
      const text = await accepting([404], http.ask('GET', `/containers/${id}/json`, abortSignal))
      return text === undefined ? undefined : toInspected(text)
    }),
    exec: (id, command, signal) => timed('exec', signal, abortSignal => exec(docker, id, command, abortSignal)),
    list: (label, signal) => timed('list', signal, abortSignal => list(docker, label, abortSignal)),
    findNetwork: (name, signal) => timed('network inspect', signal, abortSignal => findNetwork(http, name, abortSignal)),
    createNetwork: (network, signal) => timed('network create', signal, abortSignal => createNetwork(docker, network, abortSignal)),
    removeNetwork: (id, signal) => timed('network remove', signal, abortSignal => removeNetwork(http, id, abortSignal)),
    listNetworks: (label, signal) => timed('network list', signal, abortSignal => listNetworks(docker, label, abortSignal)),
    events: (label, signal) => events(() => timed('events', signal, abortSignal => openEvents(docker, label, abortSignal)), signal),
    hasDied: (id, sinceMs, signal) => timed('past events', signal, abortSignal => hasDied(docker, { id, sinceMs }, abortSignal)),
    images: signal => timed('images', signal, abortSignal => images(docker, abortSignal)),
    imagesInUse: signal => timed('image users', signal, abortSignal => imagesInUse(docker, abortSignal)),
    removeImage: (name, signal) => timed('image remove', signal, async abortSignal => {
      await accepting([404], http.ask('DELETE', `/images/${name}`, abortSignal))
    }),
    dataRoot: signal => timed('info', signal, async abortSignal =>
      (await dial<{ DockerRootDir: string }>(docker, { path: '/info', method: 'GET', abortSignal })).DockerRootDir),
    importImage: (tar, image, signal) => timed('import', signal, abortSignal => importImage(docker, tar, image, abortSignal)),
  }
}

/** Answers undefined where the engine says no in one of these ways; they are as good as done. */
async function accepting<T> (statuses: number[], request: Promise<T>): Promise<T | undefined> {
  try {
    return await request
  } catch (error) {
    if (statuses.includes(statusOf(error) ?? 0)) return undefined
    throw error
  }
}

async function create (http: EngineHttp, name: string, body: object, abortSignal: AbortSignal): Promise<string> {
  return (JSON.parse(await http.ask('POST', `/containers/create?name=${encodeURIComponent(name)}`, abortSignal, body)) as { Id: string }).Id
}

async function update (http: EngineHttp, id: string, limits: ContainerLimits, abortSignal: AbortSignal): Promise<void> {
  const now = JSON.parse(await http.ask('GET', `/containers/${id}/json`, abortSignal)) as Docker.ContainerInspectInfo
  await http.ask('POST', `/containers/${id}/update`, abortSignal, updateBody(limits, now))
}

async function remove (http: EngineHttp, id: string, abortSignal: AbortSignal): Promise<void> {
  const endsAt = performance.now() + othersRemovalMs
  for (const waitMs of backoff(10, 500)) {
    try {
      await accepting([404], http.ask('DELETE', `/containers/${id}?force=true&v=true`, abortSignal))
      return
    } catch (error) {
      // Somebody else's removal is under way: ours is done when that is.
      const isUnderWay = statusOf(error) === 409 && /already in progress/.test(messageOf(error))
      if (!isUnderWay || performance.now() > endsAt) throw error
    }
    await delay(waitMs, abortSignal)
  }
}

async function list (docker: Docker, label: string, abortSignal: AbortSignal): Promise<Listed[]> {
  const found = await docker.listContainers({ all: true, filters: { label: [label] }, abortSignal })
  return found.map(one => ({
    id: one.Id,
    name: (one.Names[0] ?? '').replace(/^\//, ''),
    state: one.State as Listed['state'],
    exitCode: exitCodeIn(one.Status),
    labels: one.Labels,
    createdAt: one.Created,
  }))
}

/** "Exited (3) 2 seconds ago": a list has it nowhere else. */
function exitCodeIn (status: string): number | undefined {
  const code = /^Exited \((\d+)\)/.exec(status)?.[1]
  return code === undefined ? undefined : Number(code)
}

function openEvents (docker: Docker, label: string, abortSignal: AbortSignal): Promise<NodeJS.ReadableStream> {
  return docker.getEvents({ filters: JSON.stringify({ type: ['container'], label: [label], event: [...eventActions] }), abortSignal })
}

async function * events (open: () => Promise<NodeJS.ReadableStream>, signal: AbortSignal): AsyncGenerator<EngineEvent> {
  const stream = await open()
  try {
    for await (const line of readNdjson(stream as AsyncIterable<Buffer>)) {
      const { Action: action, Actor: actor } = line as { Action: EngineEvent['action'], Actor: { ID: string, Attributes: Record<string, string> } }
      yield { action, id: actor.ID, labels: actor.Attributes }
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
}

async function importImage (docker: Docker, tar: NodeJS.ReadableStream, image: string, abortSignal: AbortSignal): Promise<void> {
  const { repository, tag } = parseImage(image)
  const stream = await docker.importImage(tar, { repo: repository, tag, abortSignal })
  for await (const line of readNdjson(stream as AsyncIterable<Buffer>)) {
    const { error } = line as { error?: string }
    if (error !== undefined) throw translateWords(error, 'import')
  }
}

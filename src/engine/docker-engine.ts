import type Docker from 'dockerode'
import type { ContainerSpec } from '../model/container-spec.ts'
import { fullName, parseImage } from '../model/image-reference.ts'
import { createBody, type EngineLogLimits } from './create-body.ts'
import { call, connect, get, type EngineAddress } from './engine-call.ts'
import { readNdjson } from './ndjson.ts'
import { toInspected } from './inspected.ts'
import type { Engine, EngineEvent, Listed } from './port.ts'
import { statusOf, translateWords } from './translate-error.ts'

export { openEngineStreams } from './docker-streams.ts'

const defaultLog: EngineLogLimits = { maxSizeBytes: 10 << 20, maxFiles: 2 }
const eventActions = ['create', 'start', 'die', 'destroy', 'oom'] as const

/** The Docker Engine behind the port. Opening makes no call. */
export function openEngine (address: EngineAddress, log: EngineLogLimits = defaultLog): Engine {
  const docker = connect(address)
  return {
    version: signal => call('version', signal, async abortSignal => (await get<{ Version: string }>(docker, '/version', abortSignal)).Version),
    hasImage: (image, signal) => call('image inspect', signal, async abortSignal =>
      await accepting([404], get(docker, `/images/${fullName(parseImage(image))}/json`, abortSignal)) !== undefined),
    create: (spec, signal) => call('create', signal, abortSignal => create(docker, spec, log, abortSignal)),
    start: (id, signal) => call('start', signal, async abortSignal => { await accepting([304], docker.getContainer(id).start({ abortSignal })) }),
    kill: (id, unixSignal, signal) => call('kill', signal, async abortSignal => {
      await accepting([404, 409], docker.getContainer(id).kill({ signal: unixSignal, abortSignal }))
    }),
    remove: (id, signal) => call('remove', signal, async abortSignal => {
      await accepting([404], docker.getContainer(id).remove({ force: true, v: true, abortSignal }))
    }),
    inspect: (id, signal) => call('inspect', signal, async abortSignal => {
      const document = await accepting([404], docker.getContainer(id).inspect({ abortSignal }))
      return document && toInspected(document)
    }),
    list: (label, signal) => call('list', signal, abortSignal => list(docker, label, abortSignal)),
    events: (label, signal) => events(docker, label, signal),
    importImage: (tar, image, signal) => call('import', signal, abortSignal => importImage(docker, tar, image, abortSignal)),
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

async function create (docker: Docker, spec: ContainerSpec, log: EngineLogLimits, abortSignal: AbortSignal): Promise<string> {
  // _query and _body apart: dockerode would put the whole body into the URL as well, environment and all.
  const options = { _query: { name: spec.name }, _body: createBody(spec, log), abortSignal }
  return (await docker.createContainer(options as unknown as Docker.ContainerCreateOptions)).id
}

async function list (docker: Docker, label: string, abortSignal: AbortSignal): Promise<Listed[]> {
  const found = await docker.listContainers({ all: true, filters: { label: [label] }, abortSignal })
  return found.map(one => ({
    id: one.Id,
    name: (one.Names[0] ?? '').replace(/^\//, ''),
    state: one.State as Listed['state'],
    labels: one.Labels,
    createdAt: one.Created,
  }))
}

async function * events (docker: Docker, label: string, signal: AbortSignal): AsyncGenerator<EngineEvent> {
  const filters = { type: ['container'], label: [label], event: [...eventActions] }
  const stream = await call('events', signal, abortSignal => docker.getEvents({ filters: JSON.stringify(filters), abortSignal }))
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

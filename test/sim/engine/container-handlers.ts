import type { Condition, Container, CreateBody } from './container.ts'
import { createContainer } from './create.ts'
import { findContainer, type Daemon } from './daemon.ts'
import { inspectDocument, listRow } from './documents.ts'
import { hasLabels, parseFilters, someOf } from './filters.ts'
import { isSet, noContent, notModified, ok, parseBody, type Handler, type Request } from './handler.ts'
import * as life from './life.ts'
import { attach as attachTo, tellLogs } from './output.ts'
import { Refusal } from './refusal.ts'

const containerOf = ({ daemon, subject }: Request): Container => findContainer(daemon, subject)

export const create: Handler = request => {
  const container = createContainer(request.daemon, request.query.get('name'), parseBody<CreateBody>(request))
  return { status: 201, json: { Id: container.id, Warnings: [] } }
}

export const start: Handler = async request =>
  await life.start(request.daemon, containerOf(request)) ? noContent : notModified

export const kill: Handler = async request => {
  const { daemon, subject, query } = request
  const container = killable(daemon, subject)
  await life.kill(daemon, container, query.get('signal') ?? 'SIGKILL', subject)
  return noContent
}

/** For a kill the engine wraps its "No such container". */
function killable (daemon: Daemon, subject: string): Container {
  try {
    return findContainer(daemon, subject)
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(error.status, `Cannot kill container: ${subject}: ${error.message}`)
    throw error
  }
}

export const stop: Handler = async request => {
  const graceMs = Number(request.query.get('t') ?? 10) * 1000
  return await life.stop(request.daemon, containerOf(request), graceMs) ? noContent : notModified
}

export const remove: Handler = async request => {
  const { daemon, query, subject } = request
  await life.remove(daemon, containerOf(request), { force: isSet(query, 'force'), reference: subject })
  return noContent
}

export const inspect: Handler = async request => {
  const container = containerOf(request)
  await container.settled
  return ok(inspectDocument(container))
}

export const list: Handler = ({ daemon, query }) => {
  const filters = parseFilters(query, ['label', 'id', 'name', 'status', 'ancestor', 'network'])
  const isListed = (container: Container): boolean =>
    (isSet(query, 'all') || filters.has('status') || container.state === 'running') &&
    hasLabels(container.body.Labels ?? {}, filters.get('label')) &&
    someOf(filters.get('status'), status => status === container.state) &&
    someOf(filters.get('id'), id => container.id.startsWith(id)) &&
    someOf(filters.get('name'), pattern => new RegExp(pattern).test(`/${container.name}`) || new RegExp(pattern).test(container.name))
  return ok([...daemon.containers.values()].filter(isListed).reverse().map(listRow))
}

export const wait: Handler = request => {
  const container = containerOf(request)
  const condition = (request.query.get('condition') ?? 'not-running') as Condition
  return {
    async tell (outlet) {
      await Promise.race([life.wait(container, condition), outlet.closed()])
      const failure = container.error === '' ? null : { Message: container.error }
      await outlet.write(`${JSON.stringify({ Error: failure, StatusCode: container.exitCode })}\n`)
    },
  }
}

export const attach: Handler = request => {
  const container = containerOf(request)
  request.daemon.events.emit('attach', container)
  return { tell: outlet => attachTo(container, outlet) }
}

export const logs: Handler = request => {
  const { query } = request
  const container = containerOf(request)
  const streams = [isSet(query, 'stdout') ? 1 : 0, isSet(query, 'stderr') ? 2 : 0].filter(stream => stream > 0)
  if (streams.length === 0) throw new Refusal(400, 'Bad parameters: you must choose at least one stream')
  const tail = query.get('tail') ?? 'all'
  const wanted = {
    streams,
    follow: isSet(query, 'follow'),
    timestamps: isSet(query, 'timestamps'),
    tail: tail === 'all' ? Infinity : Number(tail),
    since: timeOf(query.get('since')),
  }
  return { tell: outlet => tellLogs(container, outlet, wanted) }
}

/** Seconds, with nanoseconds behind the point, as a time of the log. */
function timeOf (since: string | null): string {
  const [seconds = '0', nanoseconds = ''] = (since ?? '').split('.')
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 20)}${nanoseconds.padEnd(9, '0')}Z`
}

export const update: Handler = request => {
  const container = containerOf(request)
  const limits = parseBody<Record<string, unknown>>(request)
  Object.assign(container, { body: { ...container.body, HostConfig: { ...container.body.HostConfig, ...limits } } })
  request.daemon.onKept(container)
  request.daemon.events.emit('update', container)
  return ok({ Warnings: null })
}

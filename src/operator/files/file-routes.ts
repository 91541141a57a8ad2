import { basename } from 'node:path'
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { TaskBook } from '../../agent/task-book.ts'
import { AgentError } from '../../model/errors.ts'
import { mesosRoute, spellings } from '../mesos-route.ts'
import { browse } from './browse.ts'
import { parsePath, parseRange } from './file-query.ts'
import { findFile, mustBeFile } from './find-file.ts'
import type { Found } from './open-beneath.ts'
import { contentOf, readRange } from './read.ts'
import type { SandboxSite } from './sandbox-place.ts'

export interface FileRouteDeps { readonly site: SandboxSite, readonly book: TaskBook }

const paths = (name: string): string[] => spellings(`/files/${name}`, [''])

/** Mesos's `/files/…` over the sandboxes of this agent, and nothing else. */
export function fileRoutes (app: FastifyInstance, { site, book }: FileRouteDeps): void {
  void app.register((scope, _options, done) => {
    answerAsMesos(scope)
    mesosRoute(scope, paths('browse'), async ({ query }) => {
      const path = parsePath(query)
      await using found = await findFile(path, site)
      return await browse(found, path)
    })
    mesosRoute(scope, paths('read'), async ({ query }) => {
      const [path, range] = [parsePath(query), parseRange(query)]
      await using found = await findFile(path, site)
      mustBeFile(found, 'read')
      return await readRange(found, range)
    })
    mesosRoute(scope, paths('debug'), () => attached(book, site))
    for (const url of paths('download')) scope.get(url, { config: { onlyReads: true } }, (request, reply) => download(request, reply, site))
    done()
  })
}

/** Always as something to be saved: a page that a task wrote is not to run here. */
async function download (request: FastifyRequest, reply: FastifyReply, site: SandboxSite): Promise<FastifyReply> {
  const path = parsePath(request.query)
  const found = await findFile(path, site).catch((error: unknown) => { throw AgentError.wrap(error, '404 Not Found.') })
  closeWith(reply, found)
  mustBeFile(found, 'download')
  void reply.header('content-disposition', `attachment; ${filenameOf(path)}`).header('x-content-type-options', 'nosniff')
  void reply.header('content-length', found.stat.size).type('application/octet-stream')
  return await reply.send(Readable.from(contentOf(found), { objectMode: false }))
}

/** A client that left while the file was looked for has closed already: the event has been. */
function closeWith (reply: FastifyReply, found: Found): void {
  const close = (): void => { void found[Symbol.asyncDispose]() }
  if (reply.raw.closed) close()
  else reply.raw.once('close', close)
}

function filenameOf (path: string): string {
  const name = basename(path)
  return /^[\w.-]+$/.test(name) ? `filename=${name}` : `filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, escapeByte)}`
}

function escapeByte (character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

/** Which paths lead to which sandboxes: of the tasks that are remembered. */
function attached (book: TaskBook, { agentId }: SandboxSite): Record<string, string> {
  const real = [...book.all()].map(({ container }) => container.spec.sandbox.hostPath)
  return Object.fromEntries(real.flatMap(path => {
    const latest = path.replace(/[^/]+$/, 'latest')
    return [[latest.slice(latest.indexOf(`/${agentId}/frameworks/`) + agentId.length + 1), path], [path, path], [latest, path]]
  }))
}

/** In Mesos's texts: a 404 has none, a 400 ends in a newline. Everything else is as elsewhere. */
function answerAsMesos (scope: FastifyInstance): void {
  scope.setErrorHandler((error, _request, reply) => {
    const code = error instanceof AgentError ? error.code : undefined
    void reply.type('text/plain; charset=utf-8')
    if (code === 'NOT_FOUND') return reply.code(404).send((error as AgentError).message)
    if (code === 'SPEC_INVALID') return reply.code(400).send(`${(error as AgentError).message}\n`)
    if (isForbidden(error)) return reply.code(403).send('The agent may not read this.\n')
    throw error
  })
}

/** An agent that is not root, and a file of a container's root. */
function isForbidden (error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')
}

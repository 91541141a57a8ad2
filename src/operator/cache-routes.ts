import type { FastifyInstance } from 'fastify'
import type { Log } from '../base/log.ts'
import type { CacheReport, FetchCache } from '../containerizer/fetch-cache/fetch-cache.ts'
import { answerErrorsAsJson } from '../door/answer-errors.ts'
import { bodyOf } from '../door/raw-bodies.ts'
import { AgentError } from '../model/errors.ts'

export interface CacheRouteDeps { readonly cache: FetchCache, readonly log: Log }

/** What the fetch cache holds, and its removal. */
export function cacheRoutes (app: FastifyInstance, { cache, log }: CacheRouteDeps): void {
  void app.register((scope, _options, done) => {
    answerErrorsAsJson(scope, log)
    scope.get('/slipway/v1/cache', async (_request, reply) => {
      const entries = await cache.list()
      return await reply.send({ max_bytes: cache.maxBytes, used_bytes: cache.usedBytes, entries: entries.map(toldAs) })
    })
    scope.post('/slipway/v1/cache/remove', async (request, reply) => {
      const asked = parseRemoval(bodyOf(request))
      const removed = await cache.remove(({ id, about }) => asked === 'all' || asked.includes(id) || asked.includes(about.shown))
      const isKnown = (name: string): boolean => removed.some(({ id, about }) => id === name || about.shown === name)
      const unknown = asked === 'all' ? undefined : asked.find(name => !isKnown(name))
      if (unknown !== undefined && removed.length === 0) throw new AgentError('NOT_FOUND', `the cache has no entry '${unknown}'`)
      return await reply.send({ removed: removed.map(toldAs) })
    })
    done()
  })
}

function toldAs ({ id, about, diskBytes, usedAtMs, users, isLeaving }: CacheReport): object {
  return {
    id, uri: about.shown, user: about.user, bytes: about.bytes, disk_bytes: diskBytes, sha256: about.sha256, etag: about.etag,
    fetched_at: new Date(about.fetchedAtMs).toISOString(), used_at: new Date(usedAtMs).toISOString(), users, leaving: isLeaving,
  }
}

/** `{ "all": true }`, or `{ "entries": ["id or URI", …] }`. */
function parseRemoval (body: Buffer): 'all' | string[] {
  const { all, entries } = fieldsOf(body)
  if (all === true && entries === undefined) return 'all'
  if (all !== undefined && all !== false) throw new AgentError('SPEC_INVALID', 'all must be true, and stand alone', { field: 'all' })
  if (!Array.isArray(entries) || entries.length === 0 || !entries.every((one): one is string => typeof one === 'string')) {
    throw new AgentError('SPEC_INVALID', 'entries must be a list of ids or URIs', { field: 'entries' })
  }
  return entries
}

function fieldsOf (body: Buffer): { readonly all?: unknown, readonly entries?: unknown } {
  try {
    return Object(JSON.parse(body.toString())) as object
  } catch {
    throw new AgentError('SPEC_INVALID', 'the body is no JSON')
  }
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../../../base/log.ts'
import { onlyMethods } from '../../../door/only-methods.ts'
import { bodyOf } from '../../../door/raw-bodies.ts'
import { AgentError, chain } from '../../../model/errors.ts'
import { acceptedMediaType, decodeBody, isMediaType } from '../../../wire/media-type.ts'
import type { executor as api } from '../../../wire/messages.ts'
import { idsOf, type Executor } from '../executor.ts'
import type { ExecutorLink, ExecutorPort } from '../executor-port.ts'
import { callFault, updateFault } from './call-validation.ts'
import { openExecutorStream } from './executor-stream.ts'

export interface ExecutorRouteDeps {
  readonly executors: ExecutorPort
  /** Off, everybody may speak for every executor. */
  readonly authenticate: boolean
  readonly log: Log
}

const paths = ['/api/v1/executor', '/slave(1)/api/v1/executor']
/** The agent's own token does not do here: each executor has one. */
const config = { hasOwnToken: true }

const noToken = '401 Unauthorized. An executor finds its token in MESOS_EXECUTOR_AUTHENTICATION_TOKEN.'

/** Mesos's v1 executor API. */
export function executorRoutes (app: FastifyInstance, deps: ExecutorRouteDeps): void {
  for (const url of paths) {
    void app.register((scope, _options, done) => {
      scope.addHook('onRequest', (request, reply, next) => {
        if (!deps.authenticate || tokenOwner(deps, request) !== undefined) next()
        else refuse(reply.header('www-authenticate', 'Bearer realm="slipway executor"'), 401, noToken)
      })
      onlyMethods(scope, url, ['POST'], config)
      scope.post(url, { config, onRequest: checkContentType }, (request, reply) => {
        answer(deps, request, reply)
        return reply
      })
      done()
    })
  }
}

function tokenOwner ({ executors }: ExecutorRouteDeps, { headers }: FastifyRequest): Executor | undefined {
  const [, token] = /^Bearer +([\w.~+/-]+=*)$/i.exec(headers.authorization ?? '') ?? []
  return token === undefined ? undefined : executors.byToken(token)
}

/** Before the body is read. A charset parameter is refused too, as Mesos does. */
function checkContentType (request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  const type = request.headers['content-type']
  if (type === undefined) refuse(reply, 400, "Expecting 'Content-Type' to be present")
  else if (!isMediaType(type)) refuse(reply, 415, "Expecting 'Content-Type' of application/json or application/x-protobuf")
  else done()
}

function answer (deps: ExecutorRouteDeps, request: FastifyRequest, reply: FastifyReply): void {
  const call = readCall(request)
  if (call.type === 'UNKNOWN') { refuse(reply, 501, '501 Not Implemented.'); return }
  if (call.type === 'HEARTBEAT') { void reply.code(202).send(); return }
  const executor = callerOf(deps, call, request)
  if (call.type === 'SUBSCRIBE') { subscribe(deps, executor, call, { request, reply }); return }
  if (executor.link === undefined) throw new AgentError('DENIED', 'Executor is not subscribed')
  void reply.code(202).send()
  act(deps, executor, call)
}

/** It was answered already. */
function act ({ executors, log }: ExecutorRouteDeps, executor: Executor, call: api.Call): void {
  try {
    if (call.type === 'UPDATE' && call.update !== undefined) executors.update(executor, call.update.status)
    if (call.type === 'MESSAGE' && call.message !== undefined) executors.message(executor, call.message.data)
  } catch (error) {
    log.error({ ...idsOf(executor), call: call.type, error: chain(error) }, 'a call of an executor failed')
  }
}

function readCall (request: FastifyRequest): api.Call {
  const type = request.headers['content-type'] ?? ''
  const call = decodeBody('executor.Call', isMediaType(type) ? type : 'application/json', bodyOf(request))
  const fault = callFault(call) ?? faultOfUpdates(call)
  if (fault !== undefined) throw new AgentError('SPEC_INVALID', `Failed to validate Executor::Call: ${fault}`)
  return call
}

function faultOfUpdates (call: api.Call): string | undefined {
  const updates = call.type === 'SUBSCRIBE' ? call.subscribe?.unacknowledged_updates ?? [] : []
  return updates.map(update => updateFault(call, update)).find(fault => fault !== undefined)
}

function callerOf (deps: ExecutorRouteDeps, call: api.Call, request: FastifyRequest): Executor {
  const [frameworkId, executorId] = [call.framework_id.value, call.executor_id.value]
  if (!deps.executors.hasFramework(frameworkId)) throw new AgentError('SPEC_INVALID', 'Framework cannot be found')
  const executor = deps.executors.find(frameworkId, executorId)
  if (executor === undefined) throw new AgentError('SPEC_INVALID', 'Executor cannot be found')
  if (deps.authenticate && tokenOwner(deps, request) !== executor) throw new AgentError('DENIED', 'The token is that of another executor')
  return executor
}

interface Exchange { readonly request: FastifyRequest, readonly reply: FastifyReply }

function subscribe ({ executors, log }: ExecutorRouteDeps, executor: Executor, { subscribe: call }: api.Call, { request, reply }: Exchange): void {
  const mediaType = acceptedMediaType(request.headers.accept)
  if (mediaType === undefined) { refuse(reply, 406, "Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'"); return }
  const link: ExecutorLink = openExecutorStream(reply, mediaType, log, () => { executors.disconnected(executor, link) })
  const updates = (call?.unacknowledged_updates ?? []).map(({ status }) => status)
  executors.subscribe(executor, link, { tasks: call?.unacknowledged_tasks ?? [], updates })
}

function refuse (reply: FastifyReply, status: number, text: string): void {
  void reply.code(status).type('text/plain; charset=utf-8').send(text)
}

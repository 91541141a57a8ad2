import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { randomUUID } from 'node:crypto'
import { onlyMethods } from '../../door/only-methods.ts'
import { bodyOf } from '../../door/raw-bodies.ts'
import { AgentError } from '../../model/errors.ts'
import { act } from './act.ts'
import { callFault } from './call-validation.ts'
import { acceptedMediaType, decodeCall, isMediaType } from './codec.ts'
import { openSink } from './event-sink.ts'
import { subscribe } from './membership.ts'
import { updateFramework } from './update-framework.ts'
import type { Framework } from './framework.ts'
import type { Solo } from './solo.ts'
import type { scheduler } from '../../wire/messages.ts'

const paths = ['/api/v1/scheduler', '/master/api/v1/scheduler']

export function addRoutes (app: FastifyInstance, solo: Solo, newFrameworkId: () => string): void {
  for (const url of paths) {
    onlyMethods(app, url, ['POST'])
    app.post(url, { onRequest: checkContentType }, (request, reply) => {
      const call = readCall(request)
      if (call.type === 'SUBSCRIBE') openSubscription(solo, call, newFrameworkId, { request, reply })
      else answerCall(solo, call, request, reply)
      return reply
    })
  }
}

/** Before the body is read. A charset parameter is refused too, as Mesos does. */
function checkContentType (request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  const type = request.headers['content-type']
  if (type === undefined) refuse(reply, 400, "Expecting 'Content-Type' to be present")
  else if (!isMediaType(type)) refuse(reply, 415, "Expecting 'Content-Type' of application/json or application/x-protobuf")
  else done()
}

function readCall (request: FastifyRequest): scheduler.Call {
  const type = request.headers['content-type'] ?? ''
  const call = decodeCall(isMediaType(type) ? type : 'application/json', bodyOf(request))
  const fault = callFault(call)
  if (fault !== undefined) throw new AgentError('SPEC_INVALID', `Failed to validate scheduler::Call: ${fault}`)
  return call
}

interface Exchange { readonly request: FastifyRequest, readonly reply: FastifyReply }

function openSubscription (solo: Solo, call: scheduler.Call, newId: () => string, { request, reply }: Exchange): void {
  const mediaType = acceptedMediaType(request.headers.accept)
  if (mediaType === undefined) refuse(reply, 406, "Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'")
  else if (streamIdOf(request) !== undefined) refuse(reply, 400, "Subscribe calls should not include the 'Mesos-Stream-Id' header")
  else if (call.subscribe !== undefined) subscribe(solo, call.subscribe, newId, openSink(solo, reply, mediaType, randomUUID()))
}

function answerCall (solo: Solo, call: scheduler.Call, request: FastifyRequest, reply: FastifyReply): void {
  const framework = callerOf(solo, call, streamIdOf(request))
  if (call.type === 'UPDATE_FRAMEWORK') {
    updateFramework(solo, framework, call)
    void reply.code(200).send()
  } else {
    void reply.code(202).send()
    act(solo, framework, call)
  }
}

function callerOf (solo: Solo, call: scheduler.Call, streamId: string | undefined): Framework {
  const id = call.framework_id?.value ?? ''
  const framework = solo.frameworks.get(id)
  if (framework === undefined) throw new AgentError('SPEC_INVALID', 'Framework cannot be found')
  if (framework.sink === undefined) throw new AgentError('DENIED', 'Framework is not subscribed')
  if (streamId === undefined) throw new AgentError('SPEC_INVALID', "All non-subscribe calls should include the 'Mesos-Stream-Id' header")
  if (streamId !== framework.sink.streamId) {
    throw new AgentError('SPEC_INVALID', `The stream ID '${streamId}' included in this request didn't match ` +
      `the stream ID currently associated with framework ID ${id}`)
  }
  return framework
}

function streamIdOf (request: FastifyRequest): string | undefined {
  const header = request.headers['mesos-stream-id']
  return Array.isArray(header) ? header[0] : header
}

function refuse (reply: FastifyReply, status: number, text: string): void {
  void reply.code(status).type('text/plain; charset=utf-8').send(text)
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { onlyMethods } from '../../door/only-methods.ts'
import { bodyOf } from '../../door/raw-bodies.ts'
import { AgentError } from '../../model/errors.ts'
import { acceptedMediaType, encodeBody, isMediaType, type MediaType } from '../../wire/media-type.ts'
import type { agent } from '../../wire/messages.ts'
import { answers, type OperatorDeps } from './answers.ts'
import { readCall } from './codec.ts'
import { containerActs } from './container-acts.ts'

const paths = ['/api/v1', '/slave(1)/api/v1']
const formats = 'application/json or application/x-protobuf or application/recordio'

/** Mesos's v1 operator API of an agent. */
export function operatorApi (app: FastifyInstance, deps: OperatorDeps): void {
  void app.register((scope, _options, done) => {
    answerAsMesos(scope)
    for (const url of paths) {
      onlyMethods(scope, url, ['POST'])
      scope.post(url, { onRequest: checkContentType }, async (request, reply) => await answer(deps, request, reply))
    }
    done()
  })
}

/** Before the body is read. A charset parameter is refused too, as Mesos does. */
function checkContentType (request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  const type = request.headers['content-type']
  if (type === undefined) refuse(reply, 400, "Expecting 'Content-Type' to be present")
  else if (type === 'application/recordio') refuse(reply, 501, 'ATTACH_CONTAINER_INPUT is not supported')
  else if (!isMediaType(type)) refuse(reply, 415, `Expecting 'Content-Type' of ${formats}`)
  else done()
}

async function answer (deps: OperatorDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const type = request.headers['content-type'] ?? ''
  const call = readCall(isMediaType(type) ? type : 'application/json', bodyOf(request))
  const accepted = acceptedMediaType(request.headers.accept)
  if (accepted === undefined) return refuse(reply, 406, `Expecting 'Accept' to allow ${formats}`)
  const response = await responseTo(deps, call)
  return response === undefined ? reply.code(200).send() : send(reply, accepted, response)
}

function send (reply: FastifyReply, mediaType: MediaType, response: agent.Response): FastifyReply {
  const body = encodeBody('agent.Response', mediaType, response)
  return reply.code(200).type(mediaType).send(typeof body === 'string' ? Buffer.from(body) : Buffer.from(body))
}

/** undefined: done, and there is nothing to say. */
async function responseTo (deps: OperatorDeps, call: agent.Call): Promise<agent.Response | undefined> {
  const { type = 'UNKNOWN' } = call
  if (type === 'UNKNOWN') throw new AgentError('NOT_SUPPORTED', '501 Not Implemented.')
  const answerOf = type in answers ? answers[type as keyof typeof answers] : containerActs[type]
  if (answerOf === undefined) throw refusal(deps, call, type)
  const told = await answerOf(deps, call)
  return told && { type: type as agent.Response_Type, ...told }
}

/** What this agent does not do, by name. */
function refusal ({ tasks: { book } }: OperatorDeps, call: agent.Call, type: agent.Call_Type): AgentError {
  const root = call.launch_nested_container_session?.container_id.parent?.value
  if (root !== undefined && book.byContainer(root) === undefined) return new AgentError('SPEC_INVALID', `Root container ${root} not found`)
  return new AgentError('NOT_SUPPORTED', `${type} is not supported: ${why[type] ?? 'this agent has no resource providers'}`)
}

const ofTasksAlone = 'the containers of this agent are those of tasks and executors'
const why: Partial<Record<agent.Call_Type, string>> = {
  SET_LOGGING_LEVEL: 'the level of the log is set where the agent is started, with --log-level',
  LAUNCH_CONTAINER: ofTasksAlone,
  LAUNCH_NESTED_CONTAINER: ofTasksAlone,
  LAUNCH_NESTED_CONTAINER_SESSION: ofTasksAlone,
  ATTACH_CONTAINER_INPUT: 'containers have no input',
  ATTACH_CONTAINER_OUTPUT: 'the output of a container is in the files stdout and stderr of its sandbox',
}

/** In Mesos's texts: of a file a 404 has none, a 400 ends in a newline. Everything else is as elsewhere. */
function answerAsMesos (scope: FastifyInstance): void {
  scope.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof AgentError)) throw error
    if (error.code === 'NOT_FOUND') return refuse(reply, 404, error.message)
    if (error.code === 'SPEC_INVALID') return refuse(reply, 400, error.message.startsWith('Cannot ') ? `${error.message}\n` : error.message)
    if (error.code === 'NOT_SUPPORTED') return refuse(reply, 501, error.message)
    throw error
  })
}

function refuse (reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).type('text/plain; charset=utf-8').send(text)
}

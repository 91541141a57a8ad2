import { parseJson, readJson } from '../../wire/json.ts'
import type { MediaType } from '../../wire/media-type.ts'
import type { agent } from '../../wire/messages.ts'
import { AgentError, messageOf } from '../../model/errors.ts'
import { decodeProtobuf } from '../../wire/protobuf.ts'
import { callFault } from './call-validation.ts'

/** Throws SPEC_INVALID with the words of a Mesos agent, which are not those of a master. */
export function readCall (mediaType: MediaType, body: Buffer): agent.Call {
  const call = mediaType === 'application/json' ? parseJson('agent.Call', jsonOf(body)) : fromProtobuf(body)
  const fault = callFault(call)
  if (fault !== undefined) throw new AgentError('SPEC_INVALID', `Failed to validate agent::Call: ${fault}`)
  return call
}

function jsonOf (body: Buffer): unknown {
  try {
    return readJson(body.toString('utf8'))
  } catch (error) {
    throw new AgentError('SPEC_INVALID', `Failed to parse body into JSON: ${messageOf(error)}`)
  }
}

function fromProtobuf (body: Buffer): agent.Call {
  try {
    return decodeProtobuf('agent.Call', body)
  } catch {
    throw new AgentError('SPEC_INVALID', 'Failed to parse body into a protobuf object')
  }
}

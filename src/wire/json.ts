import { messageOf } from '../model/errors.ts'
import type { MessageTypes } from './messages.ts'
import { parseMessage } from './parse-json.ts'
import { printMessage } from './print-json.ts'
import { wireError } from './wire-error.ts'

/** A JSON value as a message; an AgentError SPEC_INVALID names the path of the field that does not fit. */
export function parseJson<N extends keyof MessageTypes> (name: N, value: unknown): MessageTypes[N] {
  return parseMessage(name, value) as MessageTypes[N]
}

/** The message as text, byte for byte as Mesos prints it. */
export function printJson<N extends keyof MessageTypes> (name: N, message: MessageTypes[N]): string {
  return printMessage(name, message)
}

/** JSON.parse, which says where the text goes wrong as Mesos says it. */
export function readJson (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw wireError(syntaxError(text, messageOf(error)), '')
  }
}

/** V8 gives a position for some faults, for others only a piece of the text. */
function syntaxError (text: string, message: string): string {
  const position = message.startsWith('Unexpected end') ? text.length : /at position (\d+)/.exec(message)?.[1]
  if (position === undefined) return `syntax error: ${message.slice(0, 200)}`
  const lines = text.slice(0, Number(position)).split('\n').length
  const [near] = text.slice(Number(position), Number(position) + 100).split('\n')
  return `syntax error at line ${lines} near: ${near}`
}

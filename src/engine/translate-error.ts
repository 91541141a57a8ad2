import { AgentError, messageOf, type ErrorCode } from '../model/errors.ts'

/** What docker-modem rejects with: a status and the engine's own words, or a system error of the connection. */
interface ModemError { statusCode?: number, json?: { message?: string } | Buffer | null, code?: string, address?: string }

const connectionLost = new Set(['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE', 'EACCES', 'ENOTSOCK', 'EAGAIN', 'ETIMEDOUT'])

/** The engine tells causes apart by its words alone. First match wins; `call` narrows a rule to one kind of call. */
const words: ReadonlyArray<{ call?: string, pattern: RegExp, code: ErrorCode }> = [
  { pattern: /no space left on device|disk quota exceeded/i, code: 'DISK_FULL' },
  {
    // Only where the program itself is meant: mounts of a sandbox fail in the same words, and its path holds "executors".
    call: 'start',
    pattern: /container process.* exec: ".*": .*(executable file not found|no such file or directory|permission denied|(is|not) a directory)|executable file .* not found in \$PATH/is,
    code: 'COMMAND_NOT_FOUND',
  },
  { call: 'pull', pattern: /manifest unknown|no matching manifest|manifest for .* not found|name unknown|does not exist|not found/i, code: 'IMAGE_NOT_FOUND' },
  { call: 'pull', pattern: /unauthorized|authentication required|denied|no basic auth/i, code: 'DENIED' },
  { call: 'pull', pattern: /./, code: 'PULL_FAILED' },
  // Its reader meets an entry that was written in part; or, once, the first one of a new file while it is being written.
  { call: 'logs', pattern: /^Error grabbing logs: /, code: 'ENGINE_LOG_DAMAGED' },
  { call: 'create', pattern: /no such image/i, code: 'IMAGE_NOT_FOUND' },
  { call: 'create', pattern: /no command specified/i, code: 'NO_COMMAND' },
]

/** Turns what a call to the engine was rejected with into an AgentError; ask first whether your own signal ended it. */
export function translateError (error: unknown, call: string): AgentError {
  if (error instanceof AgentError) return error
  const { statusCode, json, code, address } = error as ModemError
  if (statusCode === undefined && code === undefined) return AgentError.wrap(error, call, { call })
  if (statusCode === undefined && code !== undefined && connectionLost.has(code)) {
    return new AgentError('ENGINE_DOWN', `the engine did not answer ${call}${address === undefined ? '' : ` on ${address}`} (${code})`, { call })
  }
  const said = engineWords(error, json)
  return new AgentError(codeOf(said, call), said, statusCode === undefined ? { call } : { call, status: statusCode })
}

/** For an error that comes inside a stream that had begun with 200. */
export function translateWords (said: string, call: string): AgentError {
  return new AgentError(codeOf(said, call), said.trim(), { call })
}

export function statusOf (error: unknown): number | undefined {
  return (error as ModemError).statusCode
}

function codeOf (said: string, call: string): ErrorCode {
  return words.find(rule => (rule.call ?? call) === call && rule.pattern.test(said))?.code ?? 'ENGINE_REFUSED'
}

function engineWords (error: unknown, json: ModemError['json']): string {
  if (json && !Buffer.isBuffer(json) && typeof json.message === 'string') return json.message.trim()
  // docker-modem wraps the engine's words: "(HTTP code 500) server error - WORDS "
  return messageOf(error).replace(/^\(HTTP code \d+\) [^-]*- /, '').trim()
}

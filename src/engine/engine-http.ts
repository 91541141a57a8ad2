import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http'
import { onAbort } from '../base/deadline.ts'
import type { EngineAddress } from './engine-call.ts'

type Method = 'GET' | 'POST' | 'DELETE'

/**
 * The short calls that every launch makes, and those that nobody can abort: plain requests on connections that are kept. One whose answer breaks off
 * fails; dockerode's would never settle.
 */
export interface EngineHttp {
  /**
   * The text of an answer below 400; else it throws what docker-modem would: `statusCode` and the engine's own words. An abort ends it, with the
   * signal's reason.
   */
  ask (method: Method, path: string, signal: AbortSignal, body?: object): Promise<string>
}

/** As Node's own agent keeps connections, but that those of others are none of ours. */
const keptMs = 5_000

export function engineHttp ({ socketPath }: EngineAddress): EngineHttp {
  const agent = new Agent({ keepAlive: true, scheduling: 'lifo', timeout: keptMs })
  return {
    ask: (method, path, signal, body) => {
      const text = body === undefined ? '' : JSON.stringify(body)
      const headers = { 'host': 'engine', ...(text !== '' && { 'content-type': 'application/json' }), 'content-length': Buffer.byteLength(text) }
      return abortable(signal, (resolve, reject) => {
        const asked = request({ socketPath, agent, method, path, headers }, answer => { wordsOf(answer).then(resolve, reject) })
        asked.on('error', reject)
        asked.end(text)
        return asked
      })
    },
  }
}

/** A request that an abort ends. Node's own option for that spends more on each request than sending it takes. */
export async function abortable<T> (
  signal: AbortSignal, send: (resolve: (value: T) => void, reject: (reason: unknown) => void) => ClientRequest,
): Promise<T> {
  signal.throwIfAborted()
  let leave = (): void => {}
  try {
    return await new Promise<T>((resolve, reject) => {
      const asked = send(resolve, reject)
      leave = onAbort(signal, () => {
        reject(signal.reason)
        asked.destroy()
      })
    })
  } finally {
    leave()
  }
}

/** Its text, or what it says is thrown. */
export async function wordsOf (answer: IncomingMessage): Promise<string> {
  const { statusCode = 0 } = answer
  const text = await textOf(answer)
  if (statusCode < 400) return text
  throw Object.assign(new Error(text.trim()), { statusCode, json: parsed(text) })
}

function textOf (answer: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    answer.setEncoding('utf8')
    answer.on('data', (chunk: string) => { text += chunk })
    answer.on('end', () => { resolve(text) })
    answer.on('error', reject)          // it broke off
  })
}

function parsed (text: string): { message?: string } | null {
  try {
    return JSON.parse(text) as { message?: string }
  } catch {
    return null
  }
}

import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

export interface EngineAnswer {
  readonly status: number
  readonly body: string
}

export interface EngineCall {
  body?: Readable | Buffer | object
  headers?: Record<string, string>
  timeoutMs?: number
}

/** One call to an engine's HTTP API, the answer whole. For preparing and checking in tests, past the code that is under test. */
export async function callEngine (socketPath: string, call: string, options: EngineCall = {}): Promise<EngineAnswer> {
  const { body, headers = {}, timeoutMs = 30_000 } = options
  const [method = 'GET', path = '/'] = call.split(' ')
  const isRaw = body instanceof Readable || Buffer.isBuffer(body)
  const type = isRaw ? 'application/x-tar' : 'application/json'
  const outgoing = request({
    socketPath,
    method,
    path,
    agent: false,
    signal: AbortSignal.timeout(timeoutMs),
    headers: { host: 'engine', 'content-type': type, ...headers },
  })
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>
  if (body instanceof Readable) body.pipe(outgoing)
  else outgoing.end(isRaw ? body : body && JSON.stringify(body))
  const [response] = await answered
  const text = await textOf(response)
  return { status: response.statusCode ?? 0, body: text }
}

/** The same, for calls that must succeed; answers the parsed document, or undefined when there is none. */
export async function askEngine<T = unknown> (socketPath: string, call: string, options: EngineCall = {}): Promise<T> {
  const { status, body } = await callEngine(socketPath, call, options)
  if (status >= 400) throw new Error(`${call} was answered with ${status}: ${body.trim()}`)
  return (body === '' ? undefined : JSON.parse(body)) as T
}

async function textOf (response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

export async function engineAnswers (socketPath: string): Promise<boolean> {
  return callEngine(socketPath, 'GET /_ping', { timeoutMs: 5_000 }).then(({ status }) => status === 200, () => false)
}

import type { IncomingMessage } from 'node:http'
import { StringDecoder } from 'node:string_decoder'
import { AgentError, messageOf } from '../model/errors.ts'
import { eventLine, type EventReport } from './event-line.ts'
import { OutputClosed, write } from './follow-log.ts'
import { open } from './http-client.ts'
import { findServer, type Server, type ServerOptions } from './server.ts'
import { terminalOf } from './terminal.ts'

export interface EventsOptions extends ServerOptions { readonly json?: boolean }

/** They say that the agent is there, and nothing else. */
const signsOfLife: ReadonlySet<string> = new Set(['subscribed', 'heartbeat'])
const longestSilenceMs = 45_000

/** `slipway events`: until Ctrl-C, which ends the process as it ends any, or until nobody reads on. */
export async function events ({ json = false, ...options }: EventsOptions): Promise<number> {
  const server = findServer(options)
  const terminal = terminalOf(process.stdout)
  const request = { method: 'GET', path: '/slipway/v1/events', headers: { accept: 'application/x-ndjson' } } as const
  const answer = await open(server, request, new AbortController().signal)
  answer.setTimeout(longestSilenceMs, () => { answer.destroy(new Error(`it said nothing for ${longestSilenceMs / 1000} s`)) })
  process.stdout.once('close', () => { answer.destroy() })      // nobody reads on, and nothing happens that a write would find it out by
  if (process.stderr.isTTY) process.stderr.write(`Listening to ${server.url}; Ctrl-C ends it.\n`)
  try {
    for await (const line of linesOf(server, answer)) {
      if (line === '') continue
      const event = parse(line)
      if (signsOfLife.has(event.type ?? '')) continue
      await write(process.stdout, Buffer.from(json ? `${line}\n` : eventLine(event, terminal)))
    }
  } catch (error) {
    if (error instanceof OutputClosed || process.stdout.destroyed) return 0
    throw error
  }
  throw new AgentError('AGENT_UNREACHABLE', `${server.url} closed the connection`)
}

async function * linesOf (server: Server, answer: IncomingMessage): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let begun = ''
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      const lines = (begun + decoder.write(chunk)).split('\n')
      begun = lines.pop() ?? ''
      yield * lines
    }
  } catch (error) {
    throw new AgentError('AGENT_UNREACHABLE', `the connection to ${server.url} broke`, {}, error)
  }
}

function parse (line: string): EventReport {
  try {
    return JSON.parse(line) as EventReport
  } catch (error) {
    throw new AgentError('AGENT_UNREACHABLE', `the agent told an event that is no JSON: ${messageOf(error)}`)
  }
}

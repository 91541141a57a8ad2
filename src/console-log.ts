import pino from 'pino'
import { printable } from './cli/terminal.ts'
import type { Log } from './base/log.ts'
import { AgentError, chain } from './model/errors.ts'

const maxWaitingBytes = 1 << 20

/** The agent's own log: JSON lines, or lines for people where the output is a terminal. Written at once: a crash loses none. */
export function openLog (level: string, output: NodeJS.WriteStream & { fd: number }): Log {
  const formatters = { level: (label: string) => ({ level: label }) }
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters, serializers: { error: errorFields } }
  const toPeople = { write: (line: string) => { output.write(forPeople(line)) } }
  return pino(options, output.isTTY ? toPeople : openLines(output.fd))
}

/** A disk that is full ends no agent: some lines wait for space, the rest are lost. */
function openLines (fd: number): pino.DestinationStream {
  const lines = pino.destination({ fd, sync: true, maxLength: maxWaitingBytes })
  lines.on('error', () => {})
  return lines
}

/** An error's story as one sentence, where JSON would show none of it; the stack only of what nobody foresaw. */
export function errorFields (error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { code, detail } = AgentError.from(error)
  return { code, message: chain(error), ...detail, ...(code === 'INTERNAL' && { stack: error.stack }) }
}

/** `{"level":"warn","time":…,"msg":"pull failed","stage":"pull"}` becomes `12:00:01 warn  pull failed stage=pull`. */
export function forPeople (line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>
  const details = Object.entries(fields).map(([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return `${printable(`${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${String(msg)}${details.join('')}`)}\n`
}

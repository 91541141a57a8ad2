import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ClientRequest } from 'node:http'

/** Calls that begin a launch's next step at the engine; attach and pull are made in worker threads and are not seen here. */
const launchCall = /^(POST .*\/containers\/create|POST .*\/start|GET .*\/images\/.*\/json)/

export interface MainThreadCalls extends Disposable {
  /** Since it was started, in the order in which this process made them; marks between them. */
  readonly lines: string[]
  mark (word: string): void
  /** The launch calls between a mark and the first line after it that matches. */
  launchCallsBetween (mark: string, end: RegExp): string[]
}

/** Every request that node:http begins in this thread, as it begins: what the agent asks of the engine, without a hook in the agent. */
export function recordMainThreadCalls (): MainThreadCalls {
  const lines: string[] = []
  const hear = (message: unknown): void => {
    const { request: { method, path } } = message as { request: ClientRequest }
    lines.push(`${method} ${path}`)
  }
  subscribe('http.client.request.start', hear)
  return {
    lines,
    mark (word) { lines.push(word) },
    launchCallsBetween (mark, end) {
      const from = lines.indexOf(mark)
      const to = lines.findIndex((line, at) => at > from && end.test(line))
      if (from < 0 || to < 0) throw new Error(`there is no ${from < 0 ? mark : String(end)} in the record`)
      return lines.slice(from, to).filter(line => launchCall.test(line))
    },
    [Symbol.dispose] () { unsubscribe('http.client.request.start', hear) },
  }
}

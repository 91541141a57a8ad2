// A reporter for node's test runner: a line of JSON for each file that failed, and how it ended.
import type { TestEvent } from 'node:test/reporters'

export interface FailedFile {
  readonly path: string
  /** Of the process that ran it; undefined where only a test in it is known to have failed. */
  readonly ending?: string
}

export default async function * (events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const { type, data } of events) {
    if (type !== 'test:fail' || data.file === undefined) continue
    const { exitCode, signal } = data.details.error as { exitCode?: number | null, signal?: string | null }
    const ending = signal ?? (exitCode === undefined || exitCode === null ? undefined : `exit code ${exitCode}`)
    yield `${JSON.stringify({ path: data.file, ...(ending === undefined ? {} : { ending }) })}\n`
  }
}

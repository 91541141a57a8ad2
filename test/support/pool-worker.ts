// A worker for the tests of the pool: what it does stands in the input, not in the table of jobs.
import { existsSync, writeFileSync } from 'node:fs'
import { threadId } from 'node:worker_threads'
import { deferred } from '../../src/base/deferred.ts'
import { AgentError } from '../../src/model/errors.ts'
import type { JobName, Jobs } from '../../src/pool/jobs.ts'
import { serve, type JobContext } from '../../src/pool/serve.ts'

export { ping } from '../../src/pool/serve.ts'

interface TestContext { readonly signal: AbortSignal, progress (message: unknown): void }

function job (work: (input: unknown, context: TestContext) => Promise<unknown>): ReturnType<typeof serve> {
  return serve(work as unknown as (input: Jobs[JobName]['input'], context: JobContext<JobName>) => Promise<Jobs[JobName]['output']>)
}

export const echo = job(async input => input)

export const features = job(async () => process.features)

export const thread = job(async () => threadId)

export const count = job(async (upTo, context) => {
  for (let number = 1; number <= Number(upTo); number++) context.progress(number)
  return 'counted'
})

export const fail = job(async () => {
  throw AgentError.wrap(new AgentError('DISK_FULL', 'no space', { free: 0 }), 'pull failed', { stage: 'pull' })
})

export const blunder = job(async () => { throw new TypeError('no such thing') })

/** Ends when it is cancelled. */
export const wait = job(async (_input, { signal, progress }) => {
  const aborted = deferred<never>()
  signal.addEventListener('abort', () => { aborted.reject(signal.reason) }, { once: true })
  progress('waiting')
  return await aborted.promise
})

/** Does not hear that it is cancelled. */
export const deaf = job(async (_input, { progress }) => {
  const keepAlive = setInterval(() => {}, 1000)
  progress('waiting')
  await new Promise(() => {})
  clearInterval(keepAlive)
})

/** Holds the thread itself: nothing else on it gets a turn. */
export const spin = job(async (_input, { progress }) => {
  progress('spinning')
  for (;;);
})

export const die = job(async () => { process.exit(3) })

export const crash = job(async () => {
  setImmediate(() => { throw new Error('out of the blue') })
  return await new Promise(() => {})
})

/** Of a name that may be repeated: the first try, which leaves this file, dies. */
export const pull = job(async path => {
  if (existsSync(String(path))) return 'second try'
  writeFileSync(String(path), '')
  process.exit(3)
})

/** Of a name that may be repeated: dies every time. */
export const usage = job(async () => { process.exit(3) })

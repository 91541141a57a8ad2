import type { WireError } from '../model/errors.ts'
import type { PullProgress } from '../engine/port.ts'

/**
 * What worker threads do, by name. Plain data both ways.
 *
 *   main                           worker
 *   Envelope: input + a port  -->  handler of the job's name
 *                             <--  { thread } at once, { progress } now and then   (over the port)
 *   { cancel } over the port  -->  aborts the handler's signal
 *                             <--  Reply: the output, or the error as data
 */
export interface Jobs {
  /** Pulls an image; ends when it is complete. Fails STAGE_STALLED after `stallMs` without a new line from the engine. */
  pull: { input: { socketPath: string, image: string, stallMs: number }, progress: PullProgress, output: undefined }
  /** Copies a container's output into its sandbox until the container ends. Its one progress message says that it is attached. */
  pipe: { input: { socketPath: string, id: string, stdoutPath: string, stderrPath: string }, progress: 'attached', output: PipedBytes }
}

export interface PipedBytes { readonly stdout: number, readonly stderr: number }

export type JobName = keyof Jobs
export type Input<N extends JobName> = Jobs[N]['input']
export type Progress<N extends JobName> = Jobs[N]['progress']
export type Output<N extends JobName> = Jobs[N]['output']

export type ToMain<N extends JobName> = { thread: number } | { progress: Progress<N> }
export interface ToWorker { cancel: WireError }
export type Reply<T> = { ok: true, value: T } | { ok: false, error: WireError }

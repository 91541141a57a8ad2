import { delay, race } from '../../../src/base/deadline.ts'
import { deferred } from '../../../src/base/deferred.ts'
import type { Cursor, Step } from './program.ts'
import { isHarmless } from './signals.ts'

export interface Program {
  /** The exit code, once it has ended by itself or by a signal. Never rejects. */
  readonly exitCode: Promise<number>
  signal (number: number): void
  end (exitCode: number): void
}

export interface ProgramHooks {
  /** Ends when whoever reads the output has room again: a container blocks while nobody drains it. */
  readonly write: (stream: 1 | 2, data: Buffer) => Promise<void>
  /** The cursor has moved. */
  readonly onMove: () => void
}

const chunkBytes = 32 * 1024
/** Of endless output, before everything else in this process gets its turn. */
const burstBytes = 8 * chunkBytes

/** Runs the steps from where the cursor stands; the cursor moves along. */
export function startProgram (steps: readonly Step[], cursor: Cursor, hooks: ProgramHooks): Program {
  const over = deferred<number>()
  const stop = new AbortController()
  const end = (exitCode: number): void => { over.resolve(exitCode); stop.abort(new Error('the program has ended')) }
  walk(steps, cursor, hooks, stop.signal).then(end, () => {})
  return {
    exitCode: over.promise,
    end,
    signal (number) {
      const trap = cursor.traps[number]
      if (number === 9) end(137)
      else if (trap !== 'ignore' && !isHarmless(number)) end(trap ?? 128 + number)
    },
  }
}

async function walk (steps: readonly Step[], cursor: Cursor, hooks: ProgramHooks, stop: AbortSignal): Promise<number> {
  for (;;) {
    const step = steps[cursor.at]
    if (step === undefined) return cursor.lastCode
    const isSkipped = (step.when === 'ok' && cursor.lastCode !== 0) || (step.when === 'failed' && cursor.lastCode === 0)
    if (!isSkipped) {
      if (step.do === 'exit') return step.code ?? cursor.lastCode
      await take(step, cursor, hooks, stop)
    }
    cursor.at = !isSkipped && step.do === 'jump' ? step.to : cursor.at + 1
    hooks.onMove()
  }
}

async function take (step: Step, cursor: Cursor, hooks: ProgramHooks, stop: AbortSignal): Promise<void> {
  switch (step.do) {
    case 'print': await print(step, hooks, stop); break
    case 'sleep': await sleep(step, cursor, hooks, stop); break
    case 'wait': await delay(Math.max(0, cursor.backgroundEndsMs - Date.now()), stop); break
    case 'trap': cursor.traps[step.signal] = step.exitCode; break
    // A loop without a sleep must leave room for everything else in this process.
    case 'jump': await delay(1, stop); break
    case 'exit': case 'status': break
  }
  cursor.lastCode = step.do === 'status' ? step.code : step.do === 'jump' ? cursor.lastCode : 0
}

async function sleep (step: Step & { do: 'sleep' }, cursor: Cursor, hooks: ProgramHooks, stop: AbortSignal): Promise<void> {
  if (step.background) {
    cursor.backgroundEndsMs = Math.max(cursor.backgroundEndsMs, Date.now() + step.ms)
    return
  }
  cursor.sleepEndsMs ??= Date.now() + step.ms
  hooks.onMove()
  await delay(Math.min(2 ** 31 - 1, Math.max(0, cursor.sleepEndsMs - Date.now())), stop)
  cursor.sleepEndsMs = undefined
}

async function print (step: Step & { do: 'print' }, hooks: ProgramHooks, stop: AbortSignal): Promise<void> {
  const data = Buffer.from(step.forever === true ? step.data.repeat(Math.ceil(burstBytes / step.data.length)) : step.data)
  do {
    for (let from = 0; from < data.length; from += chunkBytes) {
      await race(hooks.write(step.stream, data.subarray(from, from + chunkBytes)), stop)
    }
    if (step.forever === true) await delay(1, stop)
  } while (step.forever === true)
}

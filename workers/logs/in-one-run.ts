import { engineRun } from '../../src/engine/engine-run.ts'
import type { ByteStream } from '../../src/engine/port.ts'
import { AgentError } from '../../src/model/errors.ts'
import type { Carrier } from './carrier.ts'
import { knownRun } from './engine-losses.ts'

/** Opens a stream of the engine, and remembers which run of it that is before a byte of it is taken. */
export async function inOneRun ({ socketPath, logs, engineBegins: begins }: Carrier, open: () => Promise<ByteStream>, lostAtMs?: number): Promise<ByteStream> {
  const before = engineRun(socketPath)
  const source = await open()
  try {
    const run = engineRun(socketPath)
    if (run?.id !== before?.id) throw new AgentError('ENGINE_DOWN', 'the engine was started anew meanwhile')
    logs.keepRun(knownRun(logs.engine, { run, lostAtMs, lastWrite: logs.lastWrite(), begins }))
    return source
  } catch (error) {
    source.destroy()
    throw error
  }
}

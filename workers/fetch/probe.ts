import { AgentError } from '../../src/model/errors.ts'
import type { Source } from './source.ts'
import type { TransferWork } from './transfer.ts'

/** What the place that a file comes from says of it, without bringing it. */
export interface Probed {
  readonly bytes: number | undefined
  readonly etag: string | undefined
  readonly lastModified: string | undefined
}

/** Asks under the same deadlines, attempts and refusals as a transfer; where a place cannot say anything, everything is undefined. */
export async function probe (source: Source, _work: Omit<TransferWork, 'onBytes'>, _signal: AbortSignal): Promise<Probed> {
  throw new AgentError('NOT_SUPPORTED', `${source.shown}: cannot be asked for its size`)
}

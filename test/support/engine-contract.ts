import { after, before, describe } from 'node:test'
import { attachContract } from './contract-attach.ts'
import type { ContractEngine } from './contract-bench.ts'
import { eventContract } from './contract-events.ts'
import { imageContract } from './contract-images.ts'
import { lifeContract } from './contract-life.ts'

/** Gives a test its engine; it is open only while tests run. */
export type Subject = () => ContractEngine

/** What holds of every engine behind the port, the simulated one and the real one: so the simulated one cannot lie. */
export function engineContract (name: string, open: () => Promise<ContractEngine>, { skip = false }: { skip?: string | false } = {}): void {
  describe(name, { skip }, () => {
    let engine: ContractEngine | undefined
    before(async () => { engine = await open() })
    after(async () => { await engine?.[Symbol.asyncDispose]() })
    const subject: Subject = () => {
      if (!engine) throw new Error('the engine of this contract is not open')
      return engine
    }
    lifeContract(subject)
    attachContract(subject)
    eventContract(subject)
    imageContract(subject)
  })
}

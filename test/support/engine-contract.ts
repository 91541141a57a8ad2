import { after, before, describe, test } from 'node:test'
import { attachContract } from './contract-attach.ts'
import type { ContractEngine, Subject } from './contract-bench.ts'
import { eventContract } from './contract-events.ts'
import { execContract } from './contract-exec.ts'
import { networkContract } from './contract-networks.ts'
import { imageContract } from './contract-images.ts'
import { lifeContract } from './contract-life.ts'

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
    const contracts = [lifeContract, attachContract, execContract, eventContract, imageContract, networkContract]
    for (const [sentence, check] of contracts.flatMap(contract => Object.entries(contract))) {
      test(sentence, t => check(subject, t))
    }
  })
}

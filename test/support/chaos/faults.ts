import { delay } from '../../../src/base/deadline.ts'
import type { OwnAgent } from '../own-agent.ts'
import type { PrivateEngine } from '../private-engine.ts'
import type { Dice } from './dice.ts'

export interface Victims { readonly agent: OwnAgent, readonly engine: PrivateEngine }

interface Fault {
  readonly endsAgent: boolean
  /** What its copiers had read and not logged is gone. */
  readonly killsEngine: boolean
  /** Back when all of them run again. */
  strike (victims: Victims, dice: Dice): Promise<void>
}

const calm = { endsAgent: false, killsEngine: false }

export const faults = {
  'agent killed': { ...calm, endsAgent: true, async strike ({ agent }) { await restart(agent, 'SIGKILL') } },
  'agent restarted': { ...calm, endsAgent: true, async strike ({ agent }) { await restart(agent, 'SIGTERM') } },
  'agent killed, down for a while': {
    ...calm, endsAgent: true,
    async strike ({ agent }, dice) {
      await agent.kill('SIGKILL')
      await delay(dice.between(500, 4_000))
      await agent.start()
    },
  },
  'engine killed': {
    ...calm, killsEngine: true,
    async strike ({ engine }, dice) {
      await engine.kill9()
      await delay(dice.between(0, 1_500))
      await engine.startEngine()
    },
  },
  'engine hung': {
    ...calm,
    async strike ({ engine }, dice) {
      engine.pause()
      await delay(dice.between(500, 6_000))
      engine.resume()
    },
  },
  'both killed': {
    endsAgent: true, killsEngine: true,
    async strike ({ agent, engine }) {
      await Promise.all([agent.kill('SIGKILL'), engine.kill9()])
      await engine.startEngine()
      await agent.start()
    },
  },
} as const satisfies Record<string, Fault>

export type FaultName = keyof typeof faults
export const faultNames = Object.keys(faults) as FaultName[]

async function restart (agent: OwnAgent, signal: NodeJS.Signals): Promise<void> {
  await agent.kill(signal)
  await agent.start()
}

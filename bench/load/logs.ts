import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { ensureBusybox } from '../../test/support/images.ts'
import { needsPrograms } from '../../test/support/requires.ts'
import { whole } from '../options.ts'
import type { Figure } from '../report/report.ts'
import { median } from '../report/spread.ts'
import { loadBench, type Ground } from './load-bench.ts'
import { burstMs, burstOutput, burstShell } from './logs/burst.ts'
import { ways, type Way, type WayName } from './logs/ways.ts'

const patienceMs = 120_000
/** The agent's rate by the raw one's. */
const goals = { one: 0.9, many: 0.8 }

const options = {
  count: whole(200, 'containers that print at once'),
  mb: whole(256, 'MB that are printed each time, by one or by all of them together'),
  rounds: whole(3, 'how often each way has its turn'),
}

interface Wish { readonly name: string, readonly count: number, readonly mb: number, readonly rounds: number, readonly goal: number }

export const logs = loadBench('output of one and of many busy containers: MB/s and CPU, beside a raw attach into a file and `docker logs`', options,
  async (ground, { count, mb, rounds }) => ({
    rows: [
      ...await measure(ground, { name: 'one container', count: 1, mb, rounds, goal: goals.one }),
      ...await measure(ground, { name: `${count} containers`, count, mb: Math.max(1, Math.round(mb / count)), rounds, goal: goals.many }),
    ],
  }))

interface Turn { readonly mbPerSecond: number, readonly cpuMsPerMb: number }

async function measure ({ socket, tell }: Ground, { name, count, mb, rounds, goal }: Wish): Promise<Figure[]> {
  const wish = { socket, count, image: await ensureBusybox(socket), network: 'none', uris: [], logLines: 0, shell: burstShell(mb) } as const
  const names = (Object.keys(ways) as WayName[]).filter(way => way !== 'docker logs' || needsPrograms('docker').skip === false)
  const open = new Map<WayName, Way>()
  const turns = new Map<WayName, Turn[]>(names.map(way => [way, []]))
  try {
    for (const way of names) {
      tell(`${name}, ${way}: starting`)
      open.set(way, await ways[way](wish))
    }
    for (let round = 0; round < rounds; round++) {
      for (const [way, carrier] of open) {
        const turn = await takeTurn(carrier, round, count * mb)
        turns.get(way)?.push(...turn)
        tell(`${name}, ${way}: ${turn[0] === undefined ? 'it lost output' : `${turn[0].mbPerSecond.toFixed(1)} MB/s`}`)
      }
    }
    for (const { output } of open.get('agent')?.writers ?? []) await checkOutput(output, mb, rounds)
  } finally {
    for (const way of open.values()) await way[Symbol.asyncDispose]()
  }
  return figures(name, turns, goal)
}

/** None where what carries the output lost some of it, or has gone. */
async function takeTurn (way: Way, round: number, totalMb: number): Promise<[] | [Turn]> {
  try {
    const before = await way.cpuMs()
    const tookMs = await burstMs(way.writers, round, patienceMs)
    return [{ mbPerSecond: totalMb / tookMs * 1000, cpuMsPerMb: (await way.cpuMs() - before) / totalMb }]
  } catch (error) {
    if (way.mayLose !== true) throw error
    return []
  }
}

/** Every byte, once, in order. */
async function checkOutput (output: string, mb: number, bursts: number): Promise<void> {
  const [found, expected] = [createHash('sha256'), createHash('sha256')]
  for await (const chunk of createReadStream(output)) found.update(chunk as Buffer)
  for (const piece of burstOutput(mb, bursts)) expected.update(piece)
  if (found.digest('hex') !== expected.digest('hex')) throw new Error(`${output} is not what was printed`)
}

function figures (name: string, turns: ReadonlyMap<WayName, readonly Turn[]>, goal: number): Figure[] {
  const rates = (way: WayName): number[] => turns.get(way)?.map(({ mbPerSecond }) => mbPerSecond) ?? []
  const raw = rates('raw')
  return [
    ...[...turns].filter(([, all]) => all.length > 0).flatMap(([way, all]): Figure[] => [
      { name: `${name}, ${way}`, unit: 'MB/s', value: median(rates(way)), count: all.length, better: 'higher' },
      { name: `${name}, ${way}: CPU for a MB`, unit: 'ms', value: median(all.map(({ cpuMsPerMb }) => cpuMsPerMb)), count: all.length, better: 'lower' },
    ]),
    {
      name: `${name}, agent to raw`, unit: '×', value: median(rates('agent').map((rate, at) => rate / (raw[at] ?? NaN))), count: raw.length,
      better: 'higher', goals: [{ of: 'value', atLeast: goal }],
    },
  ]
}

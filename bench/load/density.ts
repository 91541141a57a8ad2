import { ensureBusybox } from '../../test/support/images.ts'
import { whole } from '../options.ts'
import type { Figure, Findings, Series } from '../report/report.ts'
import { spread } from '../report/spread.ts'
import { measureAgent, type AgentDensity } from './density/agent-density.ts'
import { measureRaw, type RawDensity } from './density/raw-density.ts'
import { engineMemory, type EngineMemory } from './fleet/engine-memory.ts'
import { linePrinter } from './fleet/line-printer.ts'
import { blockOf, droopOf, type Block } from './fleet/ramp.ts'
import { loadBench } from './load-bench.ts'

/** Of the raw launches; more make an engine on two cores slower. */
const rawAtOnce = 8

const options = {
  count: whole(1000, 'containers at once'),
  every: whole(10, 'seconds between two lines of a container, and two checks of one in ten'),
  rest: whole(60, 'seconds that they are watched when all run'),
}

export const density = loadBench('many containers at once: what they cost beside raw ones, and whether the last launches are as fast as the first', options,
  async ({ socket, tell }, { count, every, rest }) => {
    const image = await ensureBusybox(socket)
    const wish = { socket, count, image, network: 'host', uris: [], logLines: 0, shell: linePrinter(every), block: blockOf(count) } as const
    const atZero = engineMemory()
    tell(`${count} raw`)
    const raw = await measureRaw({ ...wish, atOnce: rawAtOnce })
    tell(`${count} by the agent`)
    const ours = await measureAgent({ ...wish, everySeconds: every, restSeconds: rest, tell })
    return findings({ count, atZero, raw, ours })
  })

interface Measured { readonly count: number, readonly atZero: EngineMemory, readonly raw: RawDensity, readonly ours: AgentDensity }

function findings (measured: Measured): Findings {
  const { raw, ours } = measured
  return {
    rows: [...launchRows(measured), ...memoryRows(measured), ...restRows(ours), ...endRows(measured)],
    series: [curve('agent', ours.blocks), curve('raw', raw.blocks)],
  }
}

function launchRows ({ raw, ours }: Measured): Figure[] {
  const rate = (name: string, value: number | undefined): Figure => ({ name, unit: '/s', value: value ?? NaN, better: 'higher' })
  return [
    rate('launches, the first hundred', ours.blocks[0]?.perSecond),
    rate('launches, the last hundred', ours.blocks.at(-1)?.perSecond),
    rate('launches of the raw engine, the first hundred', raw.blocks[0]?.perSecond),
    rate('launches of the raw engine, the last hundred', raw.blocks.at(-1)?.perSecond),
    {
      name: 'last hundred by first, beside the raw engine\'s', unit: '×', value: droopOf(ours.blocks) / droopOf(raw.blocks), better: 'higher',
      goals: [{ of: 'value', atLeast: 0.95 }],
    },
  ]
}

function memoryRows ({ count, atZero, raw, ours }: Measured): Figure[] {
  const kb = (name: string, mb: number, of = count): Figure => ({ name, unit: 'KB', value: mb * 1024 / of, better: 'lower' })
  return [
    { name: 'agent\'s memory', unit: 'MB', value: ours.rssMb, better: 'lower', goals: [{ of: 'value', atMost: 300 }] },
    { ...kb('agent\'s memory for a container', ours.rssMb - ours.rssAtZeroMb), goals: [{ of: 'value', atMost: 100 }] },
    kb('engine\'s memory for a container', ours.memory.daemonsMb - atZero.daemonsMb),
    kb('engine\'s memory for a raw container, launched before', raw.memory.daemonsMb - atZero.daemonsMb, raw.count),
    kb('shim\'s memory for a container', ours.memory.shimsMb - atZero.shimsMb),
    kb('shim\'s memory for a raw container', raw.memory.shimsMb - atZero.shimsMb, raw.count),
  ]
}

function restRows ({ cpu, scrapeMs, psMs, checks, failedChecks, linesChecked }: AgentDensity): Figure[] {
  return [
    { name: 'agent\'s CPU at rest', unit: '%', value: cpu, better: 'lower', goals: [{ of: 'value', atMost: 0.03 }] },
    { name: 'scrape of /metrics', unit: 'ms', ...spread(scrapeMs), better: 'lower' },
    { name: 'slipway ps', unit: 'ms', ...spread(psMs), better: 'lower' },
    { name: 'checks made', unit: '', value: checks },
    { name: 'checks failed', unit: '', value: failedChecks, better: 'lower', goals: [{ of: 'value', atMost: 0 }] },
    { name: 'lines found as printed', unit: '', value: linesChecked },
  ]
}

function endRows ({ raw, ours }: Measured): Figure[] {
  return [
    { name: 'kills, to the last TASK_KILLED', unit: '/s', value: ours.endedPerSecond, better: 'higher' },
    { name: 'removals of the raw engine', unit: '/s', value: raw.removedPerSecond, better: 'higher' },
    { name: 'containers left', unit: '', value: ours.containersLeft, better: 'lower', goals: [{ of: 'value', atMost: 0 }] },
    { name: 'files left open', unit: '', value: ours.filesLeft, better: 'lower', goals: [{ of: 'value', atMost: 0 }] },
  ]
}

function curve (name: string, blocks: readonly Block[]): Series {
  return { chart: 'launch rate by density', name, unit: '/s', x: 'containers running', points: blocks.map(({ upTo, perSecond }) => [upTo, perSecond]) }
}

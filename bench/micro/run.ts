import { Bench, type BenchOptions } from 'tinybench'
import type { Findings } from '../report/report.ts'
import type { Register } from './register.ts'

export interface Measured { readonly name: string, readonly medianMs: number, readonly p99Ms: number, readonly samples: number }

/** Runs benches in turn; one whose answer is wrong throws. */
export async function runMicro (registers: readonly Register[], options: BenchOptions = {}): Promise<Measured[]> {
  const bench = new Bench({ time: 500, warmupTime: 100, throws: true, ...options })
  const ends = registers.map(register => register(bench))
  try {
    await bench.run()
  } finally {
    for (const end of ends) await end?.()
  }
  return bench.tasks.map(({ name, result }) => {
    if (result.state !== 'completed') throw new Error(`${name}: ${result.state}`)
    const { p50: medianMs, p99: p99Ms, samplesCount: samples } = result.latency
    return { name, medianMs, p99Ms, samples }
  })
}

export async function microFindings (registers: readonly Register[]): Promise<Findings> {
  const measured = await runMicro(registers)
  return { rows: measured.map(({ name, medianMs, p99Ms, samples }) => ({ name, unit: 'ms', p50: medianMs, p99: p99Ms, count: samples, better: 'lower' })) }
}

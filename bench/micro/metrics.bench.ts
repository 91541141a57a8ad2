import type { Bench } from 'tinybench'
import { allMetrics } from '../../src/all-metrics.ts'
import { check } from './register.ts'

export default function (bench: Bench): void {
  const { registry } = allMetrics()
  bench.add('metrics: render all that /metrics tells', async () => {
    check((await registry.metrics()).includes('slipway_containers{state="running"} 0'))
  })
}

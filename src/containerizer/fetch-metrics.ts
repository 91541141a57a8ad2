import { Counter, type Registry } from 'prom-client'

const outcomes = ['ok', 'failed', 'stopped'] as const
const ways = ['resumed', 'anew'] as const

/** Of the files of tasks. */
export function fetchMetrics (registry: Registry) {
  const registers = [registry]
  const fetches = new Counter({ name: 'slipway_fetches_total', help: 'Tasks whose files were fetched, or were not.', labelNames: ['outcome'], registers })
  const retries = new Counter({
    name: 'slipway_fetch_retries_total', labelNames: ['way'], registers,
    help: 'Transfers of files that broke off and were repeated, from where they were or anew.',
  })
  for (const outcome of outcomes) fetches.inc({ outcome }, 0)
  for (const way of ways) retries.inc({ way }, 0)
  return {
    ended (outcome: typeof outcomes[number]): void { fetches.inc({ outcome }) },
    repeated (times: number, resumed: number): void {
      retries.inc({ way: 'resumed' }, resumed)
      retries.inc({ way: 'anew' }, times - resumed)
    },
  }
}

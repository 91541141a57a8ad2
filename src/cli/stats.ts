import { setTimeout as sleep } from 'node:timers/promises'
import { AgentError } from '../model/errors.ts'
import { findContainer } from './containers.ts'
import { call } from './http-client.ts'
import { findServer, type Server, type ServerOptions } from './server.ts'
import type { StatsReport } from './stats-report.ts'
import { liveTable, statsTable } from './stats-table.ts'
import { terminalOf } from './terminal.ts'

export interface StatsOptions extends ServerOptions {
  readonly framework?: string
  readonly json?: boolean
}

/** CPU is told as what was used in between. */
const betweenMs = 1_000

/** `slipway stats`: on a terminal a table that is drawn again every second, until Ctrl-C or the end of the task; else told once. */
export async function stats (task: string | undefined, { framework, json = false, ...options }: StatsOptions): Promise<number> {
  const server = findServer(options)
  const id = task === undefined ? undefined : (await findContainer(server, { task, framework })).container_id
  if (json) {
    process.stdout.write(`${JSON.stringify({ containers: await look(server, id) })}\n`)
    return 0
  }
  const before = await look(server, id)
  if (id !== undefined && before.length === 0) throw new AgentError('NOT_FOUND', `task '${task}' does not run: there is nothing to measure`)
  if (process.stdout.isTTY) await draw(server, id, before)
  else {
    await sleep(betweenMs)
    process.stdout.write(statsTable(before, await look(server, id), terminalOf(process.stdout)))
  }
  return 0
}

async function draw (server: Server, id: string | undefined, first: StatsReport[]): Promise<void> {
  let before: StatsReport[] = []
  for (let now = first; now.length > 0 || id === undefined; now = await look(server, id)) {
    // From the top left corner, and nothing of the last one is left below.
    process.stdout.write(`\x1b[H\x1b[J${liveTable(before, now, terminalOf(process.stdout), process.stdout.rows || 24)}`)
    before = now
    await sleep(betweenMs)
  }
}

async function look (server: Server, id: string | undefined): Promise<StatsReport[]> {
  const query = id === undefined ? '' : `?task=${encodeURIComponent(id)}`
  const { containers } = await call(server, { method: 'GET', path: `/slipway/v1/stats${query}` }) as { containers: StatsReport[] }
  return containers
}

import type { ContainerReport } from './container-report.ts'
import { findContainer } from './containers.ts'
import { call } from './http-client.ts'
import { inspectText } from './inspect-text.ts'
import { findServer, type ServerOptions } from './server.ts'
import { terminalOf } from './terminal.ts'

export interface InspectOptions extends ServerOptions {
  readonly framework?: string
  readonly json?: boolean
}

/** `slipway inspect` */
export async function inspect (task: string, { framework, json = false, ...options }: InspectOptions): Promise<number> {
  const server = findServer(options)
  const { container_id: id } = await findContainer(server, { task, framework })
  const report = await call(server, { method: 'GET', path: `/slipway/v1/containers/${encodeURIComponent(id)}` }) as ContainerReport
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : inspectText(report, terminalOf(process.stdout), Date.now()))
  return 0
}

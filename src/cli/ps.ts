import { describeState, isOver, startOf, type ContainerReport } from './container-report.ts'
import { listContainers } from './containers.ts'
import { describeAge } from './durations.ts'
import { findServer, type ServerOptions } from './server.ts'
import { terminalOf, type Terminal } from './terminal.ts'
import { textTable, type Cell } from './text-table.ts'

export interface PsOptions extends ServerOptions {
  readonly all?: boolean
  readonly json?: boolean
}

/** `slipway ps` */
export async function ps ({ all = false, json = false, ...options }: PsOptions): Promise<number> {
  const containers = (await listContainers(findServer(options))).filter(container => all || !isOver(container))
  if (json) process.stdout.write(`${JSON.stringify({ containers })}\n`)
  else process.stdout.write(psTable(containers, terminalOf(process.stdout), Date.now()))
  if (containers.length === 0 && process.stderr.isTTY) process.stderr.write(all ? 'No tasks.\n' : 'No tasks; --all shows those that have ended, too.\n')
  return 0
}

export function psTable (containers: readonly ContainerReport[], terminal: Terminal, nowMs: number): string {
  const head = ['task', 'name', 'framework', 'state', 'image', 'age', 'exit']
  const rows = containers.map(container => row(container, nowMs))
  if (!containers.some(hasExecutor)) return textTable(head, rows, terminal)
  return textTable([...head, 'executor'], rows.map((cells, at) => [...cells, executorCell(containers[at])]), terminal)
}

/** A task without one is told to have one of its own name. */
function hasExecutor ({ task_id: taskId, executor_id: executorId = taskId }: ContainerReport): boolean {
  return executorId !== taskId
}

function executorCell (container: ContainerReport | undefined): Cell {
  return container !== undefined && hasExecutor(container) ? container.executor_id ?? '-' : '-'
}

function row (container: ContainerReport, nowMs: number): Cell[] {
  const { task_id: id, task_name: name, framework_id, framework_name: framework = framework_id, image, exit_code: exitCode } = container
  const startMs = startOf(container)
  return [
    id, name ?? '-', framework, describeState(container), image ?? '-',
    startMs === undefined ? '-' : describeAge(nowMs - startMs), exitCode === undefined ? '-' : `${exitCode}`,
  ]
}

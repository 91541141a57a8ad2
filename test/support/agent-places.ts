import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What an agent on this work directory calls itself. */
export function instanceOf (workDir: string): string {
  return (JSON.parse(readFileSync(join(workDir, 'agent.json'), 'utf8')) as { instanceId: string }).instanceId
}

/** Where a task of this framework has its files, or an executor: those of its last run. */
export function sandboxOf (workDir: string, frameworkId: string, taskId: string): string {
  return join(workDir, 'slaves', `${instanceOf(workDir)}-S0`, 'frameworks', frameworkId, 'executors', taskId, 'runs', 'latest')
}

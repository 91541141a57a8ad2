import { isInstanceId, instanceLock, lockInstance } from './agent/work-dir.ts'
import { backoff } from './base/backoff.ts'
import { delay, startDeadline } from './base/deadline.ts'
import { isProcessLockTaken } from './base/process-lock.ts'
import { exitCodes } from './cli/exit-codes.ts'
import { loadConfig } from './cli/load-config.ts'
import type { CleanupOptions } from './cli/program.ts'
import { UsageError } from './cli/report.ts'
import { openEngine } from './engine/docker-engine.ts'
import type { Engine, Listed } from './engine/port.ts'
import { labels } from './model/container-spec.ts'
import { AgentError, chain } from './model/errors.ts'

type Print = (text: string) => void

interface Target { readonly engine: Engine, readonly socketPath: string }

/** As --json prints them. */
interface InstanceReport { readonly instance: string, readonly agent_runs: boolean, readonly containers: Record<string, number> }
interface RemovalReport {
  readonly id: string
  readonly name: string
  /** Before it was removed. */
  readonly state: string
  readonly task: string | undefined
  /** Why it could not be. */
  readonly error?: string
}

const listMs = 30_000
const removeMs = 120_000
const removalsAtOnce = 4

/** `slipway cleanup`: tells whose containers are on the engine, or removes those of an instance without an agent. Answers the exit code. */
export async function cleanup ({ instance, dockerSocket, json = false }: CleanupOptions, print: Print): Promise<number> {
  if (instance !== undefined && !isInstanceId(instance)) throw new UsageError(`${instance} is no instance's id; \`slipway cleanup\` lists them`)
  const { dockerSocket: socketPath } = loadConfig(dockerSocket === undefined ? {} : { dockerSocket })
  const target = { engine: openEngine({ socketPath }), socketPath }
  if (instance === undefined) return await tellInstances(target, json, print)
  await using _lock = await lockInstance(instance)
  return await removeInstance(target, { instance, json }, print)
}

async function tellInstances (target: Target, json: boolean, print: Print): Promise<number> {
  const instances = await instancesOf(await list(target, labels.agent))
  if (json) print(`${JSON.stringify({ instances })}\n`)
  else if (instances.length === 0) print('No instance has containers on this engine.\n')
  else print([line(['instance', 'agent', 'containers']), ...instances.map(toLine)].join(''))
  return exitCodes.ok.code
}

async function instancesOf (listed: readonly Listed[]): Promise<InstanceReport[]> {
  const byInstance = new Map<string, Record<string, number>>()
  for (const { labels: words, state } of listed) {
    const instance = words[labels.agent] ?? ''
    const counts = byInstance.get(instance) ?? {}
    byInstance.set(instance, { ...counts, [state]: (counts[state] ?? 0) + 1 })
  }
  return await Promise.all([...byInstance].map(async ([instance, containers]) => {
    return { instance, agent_runs: await isProcessLockTaken(instanceLock(instance)), containers }
  }))
}

function toLine ({ instance, agent_runs: agentRuns, containers }: InstanceReport): string {
  return line([instance, agentRuns ? 'running' : '-', Object.entries(containers).map(([state, count]) => `${count} ${state}`).join(', ')])
}

function line ([instance, agent, containers]: readonly [string, string, string]): string {
  return `${instance.padEnd(38)}${agent.padEnd(9)}${containers}\n`
}

async function removeInstance (target: Target, { instance, json }: { instance: string, json: boolean }, print: Print): Promise<number> {
  const listed = await list(target, `${labels.agent}=${instance}`)
  const reports = await removeAll(target.engine, listed, report => { if (!json) print(toRemovalLine(report)) })
  const failed = reports.filter(({ error }) => error !== undefined)
  const removed = reports.length - failed.length
  const networks = await removeNetworks(target.engine, `${labels.agent}=${instance}`)
  if (json) print(`${JSON.stringify({ instance, containers: reports, networks })}\n`)
  else if (listed.length === 0) print(`Instance ${instance} has no containers on this engine.\n`)
  else print(`${removed} of ${listed.length} removed.\n`)
  if (!json) for (const { name, error } of networks) print(`${error === undefined ? 'removed' : `NOT removed, ${error}:`} network ${name}\n`)
  return failed.length === 0 && networks.every(({ error }) => error === undefined) ? exitCodes.ok.code : exitCodes.failed.code
}

/** Those that were made for its tasks; after their containers. */
async function removeNetworks (engine: Engine, label: string): Promise<Array<{ name: string, error?: string }>> {
  using deadline = startDeadline(undefined, removeMs, () => new AgentError('STAGE_TIMEOUT', `networks not removed within ${removeMs / 1000} s`))
  const { signal } = deadline
  const networks = await engine.listNetworks(label, signal)
  return await Promise.all(networks.map(async ({ id, name }) => {
    try {
      return await engine.removeNetwork(id, signal) ? { name } : { name, error: 'containers are on it' }
    } catch (error) {
      return { name, error: chain(error) }
    }
  }))
}

/** A few at once; one that fails does not keep the others. */
async function removeAll (engine: Engine, listed: readonly Listed[], onDone: (report: RemovalReport) => void): Promise<RemovalReport[]> {
  const left = [...listed]
  const reports: RemovalReport[] = []
  await Promise.all(Array.from({ length: removalsAtOnce }, async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const report = await removeOne(engine, next)
      reports.push(report)
      onDone(report)
    }
  }))
  return reports
}

async function removeOne (engine: Engine, { id, name, state, labels: words }: Listed): Promise<RemovalReport> {
  const about = { id, name, state, task: words[labels.task] }
  try {
    using deadline = startDeadline(undefined, removeMs, () => new AgentError('STAGE_TIMEOUT', `not removed within ${removeMs / 1000} s`))
    for (const waitMs of backoff(100, 2_000)) {
      if (await isRemoved(engine, id, deadline.signal)) break
      await delay(waitMs, deadline.signal)
    }
    return about
  } catch (error) {
    return { ...about, error: chain(error) }
  }
}

/** False: somebody else's removal takes its time. */
async function isRemoved (engine: Engine, id: string, signal: AbortSignal): Promise<boolean> {
  return await engine.remove(id, signal).then(() => true, (error: unknown) => {
    if (error instanceof AgentError && error.detail['status'] === 409) return false
    throw error
  })
}

function toRemovalLine ({ name, state, task = 'unknown', error }: RemovalReport): string {
  return error === undefined ? `removed ${name} (${state}, task ${task})\n` : `NOT removed ${name} (${state}, task ${task}): ${error}\n`
}

async function list ({ engine, socketPath }: Target, label: string): Promise<Listed[]> {
  using deadline = startDeadline(undefined, listMs, () => new AgentError('STAGE_TIMEOUT', `no list of containers within ${listMs / 1000} s`))
  try {
    return await engine.list(label, deadline.signal)
  } catch (error) {
    throw AgentError.wrap(error, `the engine at ${socketPath} cannot be asked`)
  }
}

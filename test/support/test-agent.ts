import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAgentProcess, type AgentProcess } from '../../src/agent-process.ts'
import { silentLog, type Log } from '../../src/base/log.ts'
import { surroundings } from '../../src/cli/surroundings.ts'
import { resolveSettings } from '../../src/model/resolve-settings.ts'
import { instanceOf } from './agent-places.ts'
import { metricIn, metricPath } from './metric-value.ts'
import { TestFramework } from './test-framework.ts'

export interface TestAgent extends AsyncDisposable {
  readonly url: string
  readonly token: string
  readonly workDir: string
  readonly instanceId: string
  get (path: string): Promise<{ status: number, text: string }>
  subscribe (name?: string, info?: object): Promise<TestFramework>
  /** The value of one series of /metrics, `name{label="x"}` as it stands there. */
  metric (series: string): Promise<number>
  readonly over: AgentProcess['over']
  /** Ends its tasks, or leaves them for the next agent on this work directory. */
  stop (tasks?: 'end' | 'leave'): Promise<void>
}

export type TestSettings = Readonly<Record<string, string | number | boolean>>

/** A whole agent in this process, on any free port, in a folder of its own. */
export async function startTestAgent (socket: string, settings: TestSettings = {}, log: Log = silentLog): Promise<TestAgent> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-agent-'))
  const workDir = String(settings['workDir'] ?? join(folder, 'work'))
  const resources = 'cpus:64;mem:65536;disk:10000;ports:[31000-32000]'
  const flags = { workDir, dockerSocket: socket, port: 0, exitPollInterval: '500ms', gcDiskHeadroom: 0, resources, ...settings }
  const config = resolveSettings({ flags, surroundings: { ...surroundings(), env: {} } })
  const agent = await startAgentProcess(config, log)
  const instanceId = instanceOf(workDir)
  const token = agent.token ?? ''
  const frameworks: TestFramework[] = []
  let stopped: Promise<void> | undefined

  async function get (path: string): Promise<{ status: number, text: string }> {
    const answer = await fetch(agent.url + path, { headers: { authorization: `Bearer ${token}` } })
    return { status: answer.status, text: await answer.text() }
  }

  return {
    url: agent.url, token, workDir, instanceId, get, over: agent.over,
    async subscribe (name = 'test', info = {}) {
      const framework = await TestFramework.subscribe(agent.url, token, { user: 'root', name, ...info })
      frameworks.push(framework)
      return framework
    },
    metric: async series => metricIn((await get(metricPath(series))).text, series),
    stop: (tasks = 'end') => stopped ??= agent.stop('the test ends', tasks),
    async [Symbol.asyncDispose] () {
      for (const framework of frameworks) framework.drop()
      await (stopped ??= agent.stop('the test ends', 'end'))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

import { relative } from 'node:path'
import { exitCodes } from './cli/exit-codes.ts'
import type { ContainerReport } from './cli/container-report.ts'
import { call } from './cli/http-client.ts'
import type { Interrupts } from './cli/interrupts.ts'
import { loadConfig } from './cli/load-config.ts'
import { explain } from './cli/report.ts'
import type { Server } from './cli/server.ts'
import { surroundings } from './cli/surroundings.ts'
import { taskFromOptions } from './cli/task-info.ts'
import { runTask } from './cli/task-run.ts'
import { timelineTable } from './cli/timeline-table.ts'
import { openLog } from './console-log.ts'
import { openEngine, openEngineStreams } from './engine/docker-engine.ts'
import { aborted, inForeground, type RunningAgent } from './foreground.ts'
import { AgentError, messageOf } from './model/errors.ts'
import { resolveSettings } from './model/resolve-settings.ts'
import type { Config } from './model/settings.ts'
import { ensureSampleImage } from './sample-image.ts'

/** `npm start`: an agent, one sample task through it, and then the agent stays until Ctrl-C (or ends, with --exit). */
export async function start (flags: Readonly<Record<string, unknown>>): Promise<number> {
  // The sample's output is to be seen, not the log, unless somebody asks for it.
  const logLevel = flags['logLevel'] ?? flags['logging_level'] ?? (process.env['SLIPWAY_LOG_LEVEL'] || 'warn')
  const config = loadConfig({ ...flags, logLevel })
  if (config.master !== undefined) throw new AgentError('SETTING_INVALID', '`start` serves this host alone; `slipway agent --master` is an agent of a cluster')
  return await inForeground(config, openLog(config.logLevel, process.stderr), async (agent, interrupts) => {
    const image = await sample(config, agent, interrupts)
    if (flags['exit'] === true || interrupts.stop.aborted) return image === undefined ? exitCodes.failed.code : exitCodes.ok.code
    say(howToGoOn(config, agent.url, image ?? 'IMAGE'))
    await aborted(interrupts.stop)
    say('\nEnding its tasks and the agent; Ctrl-C again leaves at once.')
    return exitCodes.ok.code
  })
}

/** Answers the image that ran, or undefined when it failed, which has been told then. */
async function sample (config: Config, agent: RunningAgent, { stop, leave }: Interrupts): Promise<string | undefined> {
  try {
    const engine = { socketPath: config.dockerSocket }
    const { image, origin } = await ensureSampleImage(openEngine(engine), openEngineStreams(engine), stop)
    say(`Sample image ${image}: ${origin}.`)
    const line = 'echo "Hello from inside a container."; echo "This line went to stderr." >&2'
    say(`Sample task, its output as it comes:\n  $ slipway run --image ${image} -- '${line}'`)
    const wish = taskFromOptions({ image, cpus: 0.1, mem: 64, net: 'host', shell: true }, [line], {})
    const end = await runTask(agent, wish, { screen: process, stop, leave, offerTimeoutMs: 30_000, returnMs: 0 })
    say(`It ended with exit code ${end.exitCode}${end.told === undefined ? '' : `: ${end.told}`}. Its stages:`)
    if (end.containerId !== undefined) say(await timeline(agent, end.containerId))
    return end.exitCode === 0 ? image : undefined
  } catch (error) {
    if (!stop.aborted) process.stderr.write(explain(error))
    return undefined
  }
}

async function timeline (server: Server, containerId: string): Promise<string> {
  try {
    return timelineTable(await call(server, { method: 'GET', path: `/slipway/v1/containers/${containerId}` }) as ContainerReport)
  } catch (error) {
    return `  (not to be had: ${messageOf(error)})`
  }
}

function howToGoOn (config: Config, url: string, image: string): string {
  const slipway = `node ${relative(process.cwd(), process.argv[1] ?? '')}`
  const where = clientFlags(config, url)
  return `
The agent is ready at ${url}; Ctrl-C ends it and its tasks. In another terminal, from this folder:
  ${slipway} run${where} --image ${image} -- 'echo hello'
  ${slipway} run${where} --image ${image} --name sleeper -- 'sleep 1000'
  ${slipway} ps${where}
  ${slipway} logs${where} -f sleeper
  ${slipway} inspect${where} sleeper
  ${slipway} kill${where} sleeper
  ${slipway} run --help`
}

/** What a client must be told because it is not as a client would find it by itself. */
function clientFlags (config: Config, url: string): string {
  const byDefault = resolveSettings({ flags: {}, surroundings: { ...surroundings(), env: {} } })
  const master = url === `http://${byDefault.ip}:${byDefault.port}` ? '' : ` --master ${url}`
  const token = !config.authenticate || config.workDir === byDefault.workDir ? '' : ` --token-file ${config.workDir}/auth-token`
  return master + token
}

function say (text: string): void {
  process.stdout.write(`${text}\n`)
}

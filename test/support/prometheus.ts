import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDaemon } from './daemon.ts'
import { startWebServer } from './web-server.ts'

export interface Target { readonly health: string, readonly lastError: string }

export interface Prometheus extends AsyncDisposable {
  /** The value of an expression that has one; undefined where nothing fits it. */
  ask (expression: string): Promise<number | undefined>
  targets (): Promise<Target[]>
  /** What Prometheus tells of itself: those of its own series whose line fits. */
  ownFigures (line: RegExp): Promise<Array<[series: string, value: number]>>
}

interface Answer<T> { data: T }
type Vector = Answer<{ result: Array<{ value: [at: number, value: string] }> }>

const requestMs = 10_000
const endMs = 5_000

/** A Prometheus that scrapes one agent every second. */
export async function startPrometheus (agentUrl: string): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-prometheus-'))
  const host = await freeHost()
  const config = join(folder, 'prometheus.yml')
  await writeFile(config, JSON.stringify({      // which is YAML as well
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [{ job_name: 'slipway', static_configs: [{ targets: [new URL(agentUrl).host] }] }],
  }))
  const daemon = await startDaemon({
    command: ['prometheus', `--config.file=${config}`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=${host}`],
    logFile: join(folder, 'log'),
    isReady: () => fetch(`http://${host}/-/ready`).then(({ ok }) => ok, () => false),
  })

  async function get (path: string): Promise<string> {
    const answer = await fetch(`http://${host}${path}`, { signal: AbortSignal.timeout(requestMs) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${text}`)
    return text
  }

  return {
    async ask (expression) {
      const { data: { result } } = JSON.parse(await get(`/api/v1/query?query=${encodeURIComponent(expression)}`)) as Vector
      return result[0] && Number(result[0].value[1])
    },
    async targets () {
      return (JSON.parse(await get('/api/v1/targets')) as Answer<{ activeTargets: Target[] }>).data.activeTargets
    },
    async ownFigures (line) {
      const lines = (await get('/metrics')).split('\n').filter(each => line.test(each)).map(each => each.split(' '))
      return lines.map(([series = '', value]) => [series, Number(value)])
    },
    async [Symbol.asyncDispose] () {
      await daemon.end(endMs)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Nobody listens there at this moment. */
async function freeHost (): Promise<string> {
  await using taken = await startWebServer(() => {})
  return taken.host
}

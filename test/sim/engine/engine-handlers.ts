import { eventFilters } from './events.ts'
import { parseFilters } from './filters.ts'
import { ok, type Handler } from './handler.ts'
import { Refusal } from './refusal.ts'

export const apiVersion = '1.41'
const engineVersion = '20.10.24'

export const ping: Handler = () => ({ status: 200, text: 'OK' })

export const unknown: Handler = () => { throw new Refusal(404, 'page not found') }

export const version: Handler = () => ok({
  Version: engineVersion,
  ApiVersion: apiVersion,
  MinAPIVersion: '1.12',
  Os: 'linux',
  Arch: 'amd64',
  Components: [{ Name: 'Engine', Version: engineVersion }],
})

export const info: Handler = ({ daemon: { containers, images } }) => ok({
  ID: 'SIMULATED',
  Name: 'simulated',
  ServerVersion: engineVersion,
  OSType: 'linux',
  DockerRootDir: '/',
  CgroupVersion: '1',
  Containers: containers.size,
  Images: images.list().length,
})

export const events: Handler = ({ daemon, query }) => {
  const filters = parseFilters(query, eventFilters)
  const span = { sinceMs: timeOf(query, 'since'), untilMs: timeOf(query, 'until') }
  return { tell: outlet => daemon.events.tell(outlet, filters, span) }
}

/** Seconds with an optional fraction, as text; in milliseconds. */
function timeOf (query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  if (!/^\d+(\.\d+)?$/.test(text)) throw new Refusal(500, `strconv.ParseInt: parsing "${text}": invalid syntax`)
  return Number(text) * 1000
}

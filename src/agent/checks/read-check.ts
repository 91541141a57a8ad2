import { AgentError } from '../../model/errors.ts'
import type { v1 } from '../../wire/messages.ts'
import type { Check, Family, HealthCheck, Target } from './check.ts'

/** As Mesos has them where a check names none. */
const defaults = { delaySeconds: 15, intervalSeconds: 10, timeoutSeconds: 20, graceSeconds: 10, failures: 3 }
/** A time-out of 0 means none; a look that never ends would keep its place for ever. */
const longestMs = 10 * 60_000
/** No check may spin. */
const shortestIntervalMs = 100

/** The checks of a task, understood. Throws SPEC_INVALID or NOT_SUPPORTED, naming the field. */
export function readChecks ({ health_check: health, check, container }: v1.TaskInfo): { health: HealthCheck | undefined, check: Check | undefined } {
  const place = { network: container?.docker?.network ?? 'HOST' }
  return {
    health: health && readHealthCheck(health, place),
    check: check && readCheck(check, place),
  }
}

interface Place { readonly network: v1.ContainerInfo_DockerInfo_Network }

/** What HealthCheck and CheckInfo have in common, once their differences are out of the way. */
interface Asked {
  readonly type: v1.HealthCheck_Type | undefined
  readonly command: v1.CommandInfo | undefined
  readonly http: v1.HealthCheck_HTTPCheckInfo | undefined
  readonly tcp: v1.HealthCheck_TCPCheckInfo | undefined
}

function readHealthCheck (asked: v1.HealthCheck, place: Place): HealthCheck {
  return {
    target: readTarget({ type: asked.type, command: asked.command, http: asked.http, tcp: asked.tcp }, 'health_check', 'health_check.command', place),
    ...readTimes(asked, 'health_check'),
    graceMs: msOf(asked.grace_period_seconds ?? defaults.graceSeconds, 'health_check.grace_period_seconds'),
    maxFailures: asked.consecutive_failures ?? defaults.failures,
  }
}

function readCheck (asked: v1.CheckInfo, place: Place): Check {
  const { type, command, http, tcp } = asked
  return {
    target: readTarget({ type, command: command?.command, http, tcp }, 'check', 'check.command.command', place),
    ...readTimes(asked, 'check'),
  }
}

function readTimes (asked: v1.HealthCheck | v1.CheckInfo, field: string): Pick<Check, 'delayMs' | 'intervalMs' | 'timeoutMs'> {
  const timeoutMs = msOf(asked.timeout_seconds ?? defaults.timeoutSeconds, `${field}.timeout_seconds`)
  return {
    delayMs: msOf(asked.delay_seconds ?? defaults.delaySeconds, `${field}.delay_seconds`),
    intervalMs: Math.max(shortestIntervalMs, msOf(asked.interval_seconds ?? defaults.intervalSeconds, `${field}.interval_seconds`)),
    timeoutMs: timeoutMs === 0 ? longestMs : Math.min(longestMs, timeoutMs),
  }
}

function readTarget ({ type, command, http, tcp }: Asked, field: string, commandField: string, place: Place): Target {
  switch (type) {
    case 'COMMAND': return readCommand(command ?? missing(commandField), commandField)
    case 'HTTP': return readHttp(http ?? missing(`${field}.http`), `${field}.http`, place)
    case 'TCP': return { kind: 'TCP', ...readAddress(tcp ?? missing(`${field}.tcp`), `${field}.tcp`, place) }
    case undefined: return missing(`${field}.type`)
    case 'UNKNOWN': throw invalid(`${field}.type`, `${type} is no kind of check`)
  }
}

function readCommand ({ shell = true, value, arguments: words = [], environment, user }: v1.CommandInfo, field: string): Target {
  if (user !== undefined) throw notSupported(`${field}.user`, 'is not supported: a check runs as the container\'s user')
  if (value === undefined && (shell || words.length === 0)) throw invalid(`${field}.value`, 'is missing')
  const argv = shell ? ['/bin/sh', '-c', value ?? ''] : [...value === undefined ? [] : [value], ...words]
  if (argv.some(word => word.includes('\0'))) throw invalid(field, 'holds a NUL character')
  return { kind: 'COMMAND', argv, environment: Object.fromEntries(readVariables(environment, `${field}.environment`)) }
}

function readVariables (environment: v1.Environment | undefined, field: string): Array<[name: string, value: string]> {
  return (environment?.variables ?? []).map(({ name, type, value = '' }, at) => {
    const place = `${field}.variables[${at}]`
    if (type === 'SECRET') throw notSupported(place, 'of type SECRET is not supported')
    if (name === '' || /[=\0]/.test(name) || value.includes('\0')) throw invalid(place, 'must have a name without \'=\', and no NUL character')
    return [name, value]
  })
}

function readHttp (http: v1.HealthCheck_HTTPCheckInfo, field: string, place: Place): Target {
  const { path = '/', scheme = 'http' } = http
  if (!path.startsWith('/')) throw invalid(`${field}.path`, `'${path}' must start with '/'`)
  if (/[^\u0021-\u00ff]/.test(path)) throw invalid(`${field}.path`, 'holds characters that a request cannot')
  if (scheme !== 'http' && scheme !== 'https') throw invalid(`${field}.scheme`, `'${scheme}' is neither http nor https`)
  return { kind: 'HTTP', path, scheme, ...readAddress(http, field, place, scheme) }
}

/** Where only the container's own loopback leads to a service: there TCP and plain HTTP alone are spoken. */
function readAddress (info: v1.HealthCheck_TCPCheckInfo, field: string, { network }: Place, scheme?: string): { port: number, family: Family } {
  const { port, protocol = 'IPv4' } = info
  if (port < 1 || port > 65_535) throw invalid(`${field}.port`, `${port} is no port`)
  const isLoopbackAlone = network === 'NONE' || (protocol === 'IPv6' && network !== 'HOST')
  if (scheme === 'https' && isLoopbackAlone) {
    throw notSupported(`${field}.scheme`, `https is not supported over ${protocol} on network ${network}; use http, TCP or a COMMAND check`)
  }
  return { port, family: protocol }
}

function msOf (seconds: number, field: string): number {
  if (!(seconds >= 0)) throw invalid(field, `must be non-negative, not ${seconds}`)
  return Math.min(seconds * 1000, Number.MAX_SAFE_INTEGER)
}

function missing (field: string): never {
  throw invalid(field, 'is missing')
}

function invalid (field: string, why: string): AgentError {
  return new AgentError('SPEC_INVALID', `${field} ${why}`, { field })
}

function notSupported (field: string, why: string): AgentError {
  return new AgentError('NOT_SUPPORTED', `${field} ${why}`, { field })
}

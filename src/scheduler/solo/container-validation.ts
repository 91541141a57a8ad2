import type { v1 } from '../../wire/messages.ts'

export function commandFault ({ environment }: v1.CommandInfo): string | undefined {
  for (const { name, type = 'VALUE', value, secret } of environment?.variables ?? []) {
    const of = `Environment variable '${name}' of type '${type}'`
    if (type === 'VALUE' && value === undefined) return `${of} must have a value set`
    if (type === 'VALUE' && secret !== undefined) return `${of} must not have a secret set`
    if (type === 'SECRET' && secret === undefined) return `${of} must have a secret set`
    if (type === 'SECRET' && value !== undefined) return `${of} must not have a value set`
    if (type === 'UNKNOWN') return `${of} is not allowed`
  }
  return undefined
}

export function containerFault ({ type, docker, volumes = [] }: v1.ContainerInfo): string | undefined {
  for (const volume of volumes) {
    const fault = volumeFault(volume)
    if (fault !== undefined) return `Invalid volume: ${fault}`
  }
  if (type !== 'DOCKER') return undefined
  if (docker === undefined) return "DockerInfo 'docker' is not set for DOCKER typed ContainerInfo"
  const named = docker.parameters?.some(({ key }) => key === 'name') ?? false
  return named ? "Parameter in DockerInfo must not be 'name'" : undefined
}

function volumeFault ({ host_path: hostPath, image, source }: v1.Volume): string | undefined {
  const sources = [hostPath, image, source].filter(found => found !== undefined)
  return sources.length === 1 ? undefined : "Only one of them should be set: 'host_path', 'image' and 'source'"
}

const kinds = { COMMAND: 'command', HTTP: 'http', TCP: 'tcp' } as const

const times = ['delay_seconds', 'grace_period_seconds', 'interval_seconds', 'timeout_seconds'] as const

export function healthCheckFault (check: v1.HealthCheck): string | undefined {
  if (check.type === undefined) return "HealthCheck must specify 'type'"
  if (check.type === 'UNKNOWN') return "'UNKNOWN' is not a valid health check type"
  const kind = kinds[check.type]
  if (check[kind] === undefined) return `Expecting '${kind}' to be set for ${check.type} health check`
  const negative = times.find(name => (check[name] ?? 0) < 0)
  return negative === undefined ? undefined : `Expecting '${negative}' to be non-negative`
}

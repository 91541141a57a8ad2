import { shownUri } from '../../model/uri.ts'
import type { v1 } from '../../wire/messages.ts'

/** What a variable of a parameter is told as: its name is no secret. */
const hidden = '…'

/** As a task asked for it, but for the values of its environment: they may be secret, and these pages are read by others. */
export function containerWithoutSecrets (container: v1.ContainerInfo): v1.ContainerInfo {
  const { docker } = container
  if (docker?.parameters === undefined) return container
  const parameters = docker.parameters.map(({ key, value }) => key === 'env' ? { key, value: `${value.split('=', 1)[0]}=${hidden}` } : { key, value })
  return { ...container, docker: { ...docker, parameters } }
}

export function healthCheckWithoutSecrets (check: v1.HealthCheck): v1.HealthCheck {
  return check.command === undefined ? check : { ...check, command: commandWithoutSecrets(check.command) }
}

export function commandWithoutSecrets ({ environment: _secret, uris, ...command }: v1.CommandInfo): v1.CommandInfo {
  return { ...command, ...(uris !== undefined && { uris: uris.map(uri => ({ ...uri, value: shownUri(uri.value) })) }) }
}

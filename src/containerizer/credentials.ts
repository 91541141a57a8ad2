import { lstat, readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { race } from '../base/deadline.ts'
import type { ContainerSpec } from '../model/container-spec.ts'
import { loginFor, parseDockerConfig, type DockerConfig, type Login } from '../model/docker-config.ts'
import { AgentError } from '../model/errors.ts'
import { registryOf } from '../model/registry.ts'
import { flagOf } from '../model/settings.ts'
import type { FetchUri } from '../model/uri.ts'

export interface CredentialSettings {
  /** The operator's docker config: its JSON, or the path of a file, which is read for each pull. */
  readonly dockerConfig: string | undefined
  /** Helpers that a task's own docker config may name. They run as the agent does. */
  readonly taskHelpers: readonly string[]
}

/** Where a task's own docker config is in its sandbox; the first wins. */
const places = ['.docker/config.json', '.dockercfg'] as const
const archive = /\.(tar|tgz|tar\.\w+|tbz2|txz|zip)$/i
const maxConfigBytes = 1 << 20

/** Whether a pull has to wait for the fetch: these may bring a docker config. What an archive brings, nobody knows before. */
export function mayBringCredentials (uris: readonly FetchUri[]): boolean {
  return uris.some(({ value, outputFile, extract, executable }) => {
    const path = value.replace(/[?#].*$/s, '')
    const name = outputFile ?? path.slice(path.lastIndexOf('/') + 1)
    return places.some(place => place === name.replace(/^\.\/+/, '')) || (extract && !executable && archive.test(name))
  })
}

/** The login for a container's image: by the docker config in its sandbox if there is one, else by the operator's. */
export async function loginOf (spec: ContainerSpec, fetched: Promise<void>, settings: CredentialSettings, signal: AbortSignal): Promise<Login> {
  if (mayBringCredentials(spec.uris)) {
    await race(fetched, signal)
    const own = await race(configInSandbox(spec.sandbox.hostPath), signal)
    if (own !== undefined) return allowed(loginFor(spec.image, own), settings)
  }
  const { dockerConfig } = settings
  if (dockerConfig === undefined) return { kind: 'none', registry: registryOf(spec.image) }
  return loginFor(spec.image, await race(operatorsConfig(dockerConfig), signal))
}

/** Throws SETTING_INVALID where the operator's docker config cannot be used. */
export async function checkDockerConfig (dockerConfig: string | undefined): Promise<void> {
  if (dockerConfig === undefined) return
  const { message } = await operatorsConfig(dockerConfig).then(() => ({ message: undefined }), (error: Error) => error)
  if (message !== undefined) throw new AgentError('SETTING_INVALID', `dockerConfig: ${message}`)
}

async function operatorsConfig (dockerConfig: string): Promise<DockerConfig> {
  if (dockerConfig.startsWith('{')) return parseDockerConfig(dockerConfig, flagOf('dockerConfig'))
  const name = `${flagOf('dockerConfig')} ${dockerConfig}`
  return parseDockerConfig(await textOf(dockerConfig, name), name)
}

async function configInSandbox (sandbox: string): Promise<DockerConfig | undefined> {
  const root = await realpath(sandbox)
  for (const place of places) {
    const path = join(root, place)
    if (!await isThere(path)) continue
    const name = `the task's ${place}`
    // An archive may hold a link to a file of the host's.
    if (await realpath(path).catch(() => '') !== path) throw failed(`${name} is reached by a link`)
    return parseDockerConfig(await textOf(path, name), name)
  }
  return undefined
}

async function isThere (path: string): Promise<boolean> {
  return await lstat(path).then(() => true, () => false)
}

async function textOf (path: string, name: string): Promise<string> {
  try {
    const found = await lstat(await realpath(path))
    if (!found.isFile() || found.size > maxConfigBytes) throw failed(`${name} is no file of at most ${maxConfigBytes >> 20} MB`)
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof AgentError) throw error
    throw failed(`${name} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}

/** A helper runs as the agent does, and may know secrets of the host's: a task has one only by the operator's leave. */
function allowed (login: Login, { taskHelpers }: CredentialSettings): Login {
  if (login.kind !== 'helper' || taskHelpers.includes(login.helper)) return login
  throw new AgentError('NOT_ALLOWED', `${login.from}: the credential helper ${login.helper} is not allowed; ${flagOf('allowCredentialHelpers')} would allow it`)
}

function failed (message: string): AgentError {
  return new AgentError('CREDENTIALS_FAILED', message)
}

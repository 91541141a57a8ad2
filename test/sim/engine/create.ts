import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { environmentOf, revive, type Container, type CreateBody } from './container.ts'
import type { Daemon } from './daemon.ts'
import { fullName, type Image } from './images.ts'
import { firstCursor } from './program.ts'
import { Refusal } from './refusal.ts'

const minMemory = 6 << 20

export function createContainer (daemon: Daemon, askedName: string | null, body: CreateBody): Container {
  const image = daemon.images.find(body.Image ?? '')
  if (!image) throw new Refusal(404, `No such image: ${fullName(body.Image ?? '')}`)
  const argv = argvOf(body, image)
  const id = randomBytes(32).toString('hex')
  const name = askedName ?? `sim_${id.slice(0, 8)}`
  checkName(daemon, name)
  checkHost(body)
  const container = revive({
    id, name, body, argv, imageId: image.id, createdMs: Date.now(), state: 'created', exitCode: 0, error: '', oomKilled: false,
    pid: 0, startedMs: 0, finishedMs: 0, cursor: firstCursor(),
  })
  daemon.containers.set(id, container)
  daemon.onKept(container)
  daemon.events.emit('create', container)
  return container
}

function argvOf (body: CreateBody, image: Image): string[] {
  const words = (value: CreateBody['Cmd']): readonly string[] => typeof value === 'string' ? [value] : value ?? []
  const asked = words(body.Entrypoint).filter(word => word !== '')
  const cmd = words(body.Cmd)
  const entrypoint = body.Entrypoint === undefined || body.Entrypoint === null ? image.entrypoint ?? [] : asked
  const rest = cmd.length > 0 || asked.length > 0 ? cmd : image.cmd ?? []
  const argv = [...entrypoint, ...rest]
  if (argv.length === 0) throw new Refusal(400, 'No command specified')
  return argv
}

function checkName ({ containers }: Daemon, name: string): void {
  if (!/^\/?[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) {
    throw new Refusal(400, `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`)
  }
  const holder = [...containers.values()].find(container => container.name === name)
  if (!holder) return
  throw new Refusal(409, `Conflict. The container name "/${name}" is already in use by container "${holder.id}". ` +
    'You have to remove (or rename) that container to be able to reuse that name.')
}

function checkHost ({ HostConfig: host }: CreateBody): void {
  if (host?.Memory && host.Memory < minMemory) throw new Refusal(400, 'Minimum memory limit allowed is 6MB')
  const nanoCpus = Number(host?.['NanoCpus'] ?? 0)
  if (nanoCpus > cpus().length * 1e9) {
    throw new Refusal(400, `Range of CPUs is from 0.01 to ${cpus().length}.00, as there are only ${cpus().length} CPUs available`)
  }
  const missing = host?.Mounts?.find(({ Type, Source = '' }) => Type === 'bind' && !existsSync(Source))
  if (missing) throw new Refusal(400, `invalid mount config for type "bind": bind source path does not exist: ${missing.Source}`)
}

/** The environment that a program sees. */
export function environmentIn (container: Container): Map<string, string> {
  const own = [['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'], ['HOSTNAME', container.id.slice(0, 12)]] as const
  return new Map([...own, ...environmentOf(container.body)])
}

import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../../base/log.ts'
import type { Door, DoorOptions } from '../../door/start-door.ts'
import type { ContainerSpec } from '../../model/container-spec.ts'
import { chain } from '../../model/errors.ts'
import { endpointFolder, endpointSocketName } from './endpoint-folder.ts'
import type { ExecutorEndpoints } from './endpoints.ts'
import { endpointEnvironment } from './executor-environment.ts'

export interface Address { readonly ip: string, readonly port: number }

export interface ExecutorDoorsOptions {
  /** Where the agent itself listens. */
  readonly main: () => Address
  /** Holds the socket; containers that are not on the host's network see it. */
  readonly socketFolder: string
  /** Opens a door that serves executors and nothing else. */
  readonly open: (where: Pick<DoorOptions, 'ip' | 'port' | 'socketPath'>) => Promise<Door>
  readonly log: Log
}

interface Gateway { readonly door: Promise<Door | undefined>, readonly users: Set<string> }

const wildcards: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/** The executors' ways to the agent besides its own port: a socket, and a door at the host's address on each network that has executors. */
export class ExecutorDoors implements ExecutorEndpoints {
  readonly #options: ExecutorDoorsOptions
  readonly #gateways = new Map<string, Gateway>()
  /** A door that is being closed still has its port. */
  readonly #closing = new Map<string, Promise<void>>()
  #socket: Door | undefined

  constructor (options: ExecutorDoorsOptions) { this.#options = options }

  async openSocket (): Promise<void> {
    const { socketFolder, open } = this.#options
    await mkdir(socketFolder, { recursive: true })
    await chmod(socketFolder, 0o755)
    this.#socket = await open({ ip: '', port: 0, socketPath: join(socketFolder, endpointSocketName) })
  }

  async environmentFor ({ containerId, network }: ContainerSpec, gateway: string | undefined): Promise<Record<string, string>> {
    const main = this.#options.main()
    const known = wildcards[main.ip]
    const own = { ip: known ?? main.ip, port: main.port }
    if (network === 'host') return endpointEnvironment(own.ip, own.port, network)
    const at = gateway === undefined ? own : await this.#doorAt(gateway, containerId, known !== undefined) ?? own
    return { ...endpointEnvironment(at.ip, at.port, network), MESOS_DOMAIN_SOCKET: `${endpointFolder}/${endpointSocketName}` }
  }

  release (containerId: string): void {
    for (const [ip, { users, door }] of this.#gateways) {
      if (!users.delete(containerId) || users.size > 0) continue
      this.#gateways.delete(ip)
      this.#closing.set(ip, this.#closeDoor(ip, door))
    }
  }

  async close (): Promise<void> {
    for (const [ip, { door }] of this.#gateways) this.#closing.set(ip, this.#closeDoor(ip, door))
    this.#gateways.clear()
    await Promise.all([...this.#closing.values(), this.#socket?.close()])
  }

  /** Who listens on all addresses listens on the gateway's too. */
  async #doorAt (ip: string, containerId: string, isCovered: boolean): Promise<Address | undefined> {
    const { port } = this.#options.main()
    if (isCovered) return { ip, port }
    const gateway = this.#gateways.get(ip) ?? { door: this.#openAt(ip, port), users: new Set<string>() }
    this.#gateways.set(ip, gateway)
    gateway.users.add(containerId)
    const door = await gateway.door
    return door && { ip, port: door.port }
  }

  /** The agent's own port, which stays the same over its restarts; another one where that is taken. Without any, the socket has to do. */
  async #openAt (ip: string, port: number): Promise<Door | undefined> {
    const { open, log } = this.#options
    await this.#closing.get(ip)
    for (const tried of [port, 0]) {
      try {
        const door = await open({ ip, port: tried })
        log.info({ ip, port: door.port }, 'executors on a network of containers are served at its gateway')
        return door
      } catch (error) {
        log.warn({ ip, port: tried, error: chain(error) }, 'cannot listen on a gateway for executors')
      }
    }
    return undefined
  }

  async #closeDoor (ip: string, door: Promise<Door | undefined>): Promise<void> {
    const done = this.#closing.get(ip)
    await done
    await (await door)?.close().catch(() => {})
  }
}

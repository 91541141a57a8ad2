import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startDaemon, type Daemon } from './daemon.ts'
import { engineAnswers } from './engine-api.ts'
import type { EnginePlace } from './engine-place.ts'

/** Where a daemon runs: its place, and what is put before its command so that it runs in the right namespaces. */
export interface Site {
  readonly place: EnginePlace
  readonly enter: readonly string[]
  /** Containers outlive dockerd, unless this is false. */
  readonly liveRestore?: boolean
  /** A program that is run in runc's place. */
  readonly runtime?: string | undefined
}

/** In a network namespace of its own the port is always free. */
export const registryAddress = '127.0.0.1:5000'

export function socketOf ({ folder }: EnginePlace): string {
  return join(folder, 'docker.sock')
}

/** A containerd of its own: the engine would take one that it started along when it is killed. */
export function startContainerd ({ place: { folder }, enter }: Site): Promise<Daemon> {
  const config = join(folder, 'containerd.toml')
  writeFileSync(config, [
    'version = 2',
    `root = "${folder}/containerd"`,
    `state = "${folder}/containerd-state"`,
    'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
    '[grpc]',
    `  address = "${folder}/containerd.sock"`,
  ].join('\n'))
  const logFile = join(folder, 'containerd.log')
  return startDaemon({
    command: [...enter, 'containerd', '--config', config],
    logFile,
    isReady: () => readFileSync(logFile, 'utf8').includes('containerd successfully booted'),
  })
}

export function startEngine ({ place, enter, liveRestore = true, runtime }: Site): Promise<Daemon> {
  const { folder } = place
  const config = join(folder, 'dockerd.json')
  writeFileSync(config, JSON.stringify({ ...engineConfig(place), 'live-restore': liveRestore, ...runtime !== undefined && runtimeConfig(runtime) }, null, 2))
  return startDaemon({
    command: [...enter, 'dockerd', '--config-file', config],
    logFile: join(folder, 'dockerd.log'),
    isReady: () => engineAnswers(socketOf(place)),
  })
}

function engineConfig (place: EnginePlace): object {
  const { folder, cgroup, subnet } = place
  return {
    'hosts': [`unix://${socketOf(place)}`],
    'containerd': `${folder}/containerd.sock`,
    'data-root': `${folder}/docker`,
    'exec-root': `${folder}/docker-state`,
    'pidfile': `${folder}/docker.pid`,
    'bip': `${subnet}.1/24`,
    'default-address-pools': [{ base: '198.19.0.0/16', size: 24 }],
    'cgroup-parent': `/${cgroup}`,
    'exec-opts': ['native.cgroupdriver=cgroupfs'],
  }
}

function runtimeConfig (path: string): object {
  return { 'runtimes': { ours: { path } }, 'default-runtime': 'ours' }
}

export function startRegistry ({ place: { folder }, enter }: Site): Promise<Daemon> {
  const config = join(folder, 'registry.yml')
  const store = join(folder, 'registry')
  mkdirSync(store)
  writeFileSync(config, [
    'version: 0.1',
    'storage:',
    '  filesystem:',
    `    rootdirectory: ${store}`,
    'http:',
    `  addr: ${registryAddress}`,
  ].join('\n'))
  const logFile = join(folder, 'registry.log')
  return startDaemon({
    command: [...enter, 'docker-registry', 'serve', config],
    logFile,
    isReady: () => readFileSync(logFile, 'utf8').includes('listening on'),
  })
}

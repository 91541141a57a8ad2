import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDaemon, type Daemon } from '../daemon.ts'
import { findFile, needsFiles, type Need } from '../requires.ts'
import { startWebServer } from '../web-server.ts'
import { askServer } from './four-letters.ts'

const jars = ['zookeeper', 'zookeeper-jute', 'metrics-core', 'snappy-java', 'slf4j-api', 'slf4j-simple'].map(name => `share/java/${name}.jar`)

export function needsZooKeeper (): Need {
  return needsFiles(jars, 'java', 'setpriv')
}

export interface ZooKeeper extends AsyncDisposable {
  readonly port: number
  /** Stops it in the middle of whatever it does, with its connections open; and lets it go on. */
  stall (): void
  goOn (): void
  /** kill -9; what it knew is on its disk. */
  kill (): Promise<void>
  start (): Promise<void>
}

/** A real ZooKeeper of one server on loopback, with sessions of half a second and more. */
export async function startZooKeeper (): Promise<ZooKeeper> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-zookeeper-'))
  const port = await freePort()
  const config = join(folder, 'zoo.cfg')
  await writeFile(config, [
    'tickTime=250', `dataDir=${folder}/data`, `clientPort=${port}`, 'clientPortAddress=127.0.0.1', 'admin.enableServer=false',
    '4lw.commands.whitelist=srvr',
  ].join('\n'))
  let daemon = await startServer(folder, port)
  return {
    port,
    stall () { daemon.signal('SIGSTOP') },
    goOn () { daemon.signal('SIGCONT') },
    async kill () { await daemon.kill() },
    async start () { daemon = await startServer(folder, port) },
    async [Symbol.asyncDispose] () {
      await daemon.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function startServer (folder: string, port: number): Promise<Daemon> {
  const classPath = jars.map(jar => findFile(jar)).join(':')
  const memory = ['-Xmx96m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
  return await startDaemon({
    command: ['java', ...memory, '-cp', classPath, 'org.apache.zookeeper.server.quorum.QuorumPeerMain', join(folder, 'zoo.cfg')],
    logFile: join(folder, 'log'),
    isReady: async () => (await askServer(port, 'srvr')).includes('Mode:'),
    withinMs: 90_000,
  })
}

async function freePort (): Promise<number> {
  await using taken = await startWebServer(() => {})
  return Number(taken.host.split(':').at(-1))
}

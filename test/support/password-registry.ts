import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDaemon } from './daemon.ts'

/** The only user of the registry, and the bcrypt of the password as `htpasswd -B` writes it. */
export const registryUser = { username: 'keeper', password: 'open sesame' } as const
const htpasswd = 'keeper:$2y$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW\n'

export interface PasswordRegistry extends AsyncDisposable {
  /** host:port, as an image's name begins. */
  readonly address: string
}

/** A registry on any free port of loopback that wants a user and a password for everything. */
export async function startPasswordRegistry (): Promise<PasswordRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-registry-'))
  const address = `127.0.0.1:${await freePort()}`
  await mkdir(join(folder, 'store'))
  await writeFile(join(folder, 'htpasswd'), htpasswd)
  const config = join(folder, 'registry.yml')
  await writeFile(config, [
    'version: 0.1',
    'storage:',
    '  filesystem:',
    `    rootdirectory: ${folder}/store`,
    'auth:',
    '  htpasswd:',
    '    realm: test',
    `    path: ${folder}/htpasswd`,
    'http:',
    `  addr: ${address}`,
  ].join('\n'))
  const logFile = join(folder, 'registry.log')
  const daemon = await startDaemon({
    command: ['docker-registry', 'serve', config],
    logFile,
    isReady: async () => (await readFile(logFile, 'utf8')).includes('listening on'),
  })
  return {
    address,
    async [Symbol.asyncDispose] () {
      await daemon.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, connect, type AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'

import { startDaemon } from '../../../support/daemon.ts'
import { needsPrograms, type Need } from '../../../support/requires.ts'
import type { Certificate } from './secure-server.ts'

const nobody = 65534

/** A server that runs, and the right to become the users of its files. */
export function needsPureFtpd (): Need {
  if (process.getuid?.() !== 0) return { skip: 'it takes root to start an ftp server' }
  const need = needsPrograms('pure-ftpd', 'pure-pw', 'openssl')
  if (need.skip !== false) return need
  return { skip: spawnSync('pure-ftpd', ['--help']).status !== 0 && 'the pure-ftpd of this machine does not run' }
}

export interface PureFtpd extends AsyncDisposable { readonly port: number }

/** With one user, `joe` whose password is `p@ss`, whose files are these. */
export async function startPureFtpd (folder: string, files: Record<string, Buffer>, certificate?: Certificate): Promise<PureFtpd> {
  const home = join(folder, 'ftp')
  for (const [name, body] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true })
    writeFileSync(join(home, name), body)
  }
  chmodSync(folder, 0o755)
  const password = execFileSync('openssl', ['passwd', '-6', '-salt', 'slipway', 'p@ss'], { encoding: 'utf8' }).trim()
  writeFileSync(join(folder, 'ftp-users'), `joe:${password}:${nobody}:${nobody}::${home}/./::::::::::::\n`)
  execFileSync('pure-pw', ['mkdb', join(folder, 'ftp-users.pdb'), '-f', join(folder, 'ftp-users')])
  const pem = join(folder, 'ftp.pem')
  if (certificate !== undefined) writeFileSync(pem, `${readFileSync(certificate.keyFile, 'utf8')}${readFileSync(certificate.caFile, 'utf8')}`, { mode: 0o600 })
  const port = await freePort()
  const tls = certificate === undefined ? ['-Y', '0'] : ['-Y', '1', '-2', pem]
  const daemon = await startDaemon({
    command: ['pure-ftpd', '-S', `127.0.0.1,${port}`, '-l', `puredb:${join(folder, 'ftp-users.pdb')}`, '-E', '-H', '-4', '-g', join(folder, 'ftp.pid'), ...tls],
    logFile: join(folder, 'ftp.log'),
    isReady: () => answers(port),
  })
  return { port, async [Symbol.asyncDispose] () { await daemon.end(2_000) } }
}

async function freePort (): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => { server.close(resolve) })
  return port
}

function answers (port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1').on('error', () => { resolve(false) })
    socket.once('data', () => { socket.destroy(); resolve(true) })
  })
}

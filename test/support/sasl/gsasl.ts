import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { findFile, needsFiles, type Need } from '../requires.ts'

const library = `lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/libgsasl.so.18`

export function needsGsasl (): Need {
  return needsFiles([library], 'gsasl')
}

/** The server's side of one CRAM-MD5 login, by GNU SASL. */
export interface GsaslServer extends Disposable {
  readonly challenge: Promise<Buffer>
  /** Whether it lets in who answers so. */
  accepts (answer: Uint8Array): Promise<boolean>
}

export function startGsaslServer (password: string): GsaslServer {
  const env = { ...process.env, LD_LIBRARY_PATH: dirname(findFile(library) ?? '') }
  const child = spawn('gsasl', ['--server', '--mechanism', 'CRAM-MD5', '--password', password], { env, timeout: 30_000 })
  child.stdin.on('error', () => {})
  let told = ''
  child.stderr.on('data', (text: Buffer) => { told += text.toString() })
  const closed = once(child, 'close')
  const challenge = new Promise<Buffer>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', line => {
      told += `${line}\n`
      const decoded = Buffer.from(line, 'base64')
      if (decoded.toString('latin1').startsWith('<')) resolve(decoded)
    })
    child.once('error', reject)
    child.once('close', () => { reject(new Error(`gsasl has ended: ${told}`)) })
  })
  challenge.catch(() => {})
  return {
    challenge,
    async accepts (answer) {
      child.stdin.end(`${Buffer.from(answer).toString('base64')}\n\n`)
      await closed
      if (/authentication finished/.test(told)) return true
      if (/Error authenticating user/.test(told)) return false
      throw new Error(`gsasl said neither yes nor no: ${told}`)
    },
    [Symbol.dispose] () { child.kill('SIGKILL') },
  }
}

import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

export const canMakeCertificates = spawnSync('openssl', ['version']).status === 0

export interface Certificate { readonly keyFile: string, readonly caFile: string }

/** For `localhost`, vouched for by itself. */
export function makeCertificate (folder: string): Certificate {
  const [keyFile, caFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost']
  execFileSync('openssl', [...request, '-addext', 'subjectAltName=DNS:localhost', '-keyout', keyFile, '-out', caFile], { stdio: 'pipe' })
  return { keyFile, caFile }
}

export interface SecureServer extends Certificate, AsyncDisposable { readonly origin: string }

export async function startSecureServer (folder: string, page: RequestListener): Promise<SecureServer> {
  const certificate = makeCertificate(folder)
  const server = createServer({ key: readFileSync(certificate.keyFile), cert: readFileSync(certificate.caFile) }, page)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    ...certificate,
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose] () {
      server.close()
      server.closeAllConnections()
    },
  }
}

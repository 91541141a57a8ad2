import { readFileSync, statSync } from 'node:fs'
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls'
import { AgentError, messageOf } from '../../src/model/errors.ts'

/** Where systems keep the certificates that they trust; the first that there is counts. */
const systemFiles = [
  '/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/ca-bundle.pem', '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

let made: { readonly key: string, readonly context: SecureContext } | undefined

/**
 * What TLS trusts: the system's certificates (`SSL_CERT_FILE` names others), Node's where there are none, and the operator's own. To read
 * them takes milliseconds, so it is done once for as long as the files stay as they are.
 */
export function trustedCertificates (caFile: string | undefined, env: NodeJS.ProcessEnv = process.env): SecureContext {
  const system = [env['SSL_CERT_FILE'] ?? '', ...systemFiles].find(path => path !== '' && versionOf(path) !== undefined)
  const key = [system, caFile].map(path => path === undefined ? '' : `${path} ${versionOf(path) ?? 'missing'}`).join('\n')
  if (made?.key === key) return made.context
  const ca = [...system === undefined ? rootCertificates : [readFileSync(system, 'utf8')], ...caFile === undefined ? [] : [ownCertificates(caFile)]]
  const context = createSecureContext({ ca })
  made = { key, context }
  return context
}

function ownCertificates (path: string): string {
  try {
    const text = readFileSync(path, 'utf8')
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  } catch (error) {
    throw new AgentError('FETCH_FAILED', `the certificates of --fetch-ca-file cannot be read: ${messageOf(error)}`)
  }
  throw new AgentError('FETCH_FAILED', `${path} of --fetch-ca-file holds no certificate`)
}

function versionOf (path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat === undefined ? undefined : `${stat.ino} ${stat.size} ${stat.mtimeMs}`
}

import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Finding, Target } from './check.ts'

/**
 * One GET on a connection of its own; the body is not read. A redirect is a good answer by itself and is not followed: a container must not send
 * the agent to addresses of its choice. Certificates are not verified, as in Mesos. Throws when there is no answer, or the signal's reason.
 */
export async function probeHttp (host: string, { port, path, scheme }: Target & { kind: 'HTTP' }, signal: AbortSignal): Promise<Finding> {
  signal.throwIfAborted()
  return await new Promise((resolve, reject) => {
    const options = { host, port, path, agent: false, headers: { host: `${hostHeader(host)}:${port}`, connection: 'close' } } as const
    const onResponse = (response: IncomingMessage): void => {
      const { statusCode = 0 } = response
      resolve({ isGood: statusCode >= 200 && statusCode < 400, says: `it answered with status ${statusCode}`, statusCode })
      response.destroy()
    }
    const asked = scheme === 'https' ? requestHttps({ ...options, rejectUnauthorized: false }, onResponse) : requestHttp(options, onResponse)
    const onAbort = (): void => { asked.destroy(signal.reason as Error) }
    signal.addEventListener('abort', onAbort, { once: true })
    asked.once('close', () => { signal.removeEventListener('abort', onAbort) })
    asked.on('error', reject)
    asked.end()
  })
}

export function hostHeader (host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

import { isIP } from 'node:net'
import { AgentError } from '../../../src/model/errors.ts'

/** The variables that name proxies, in small letters or capitals. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The proxy that the environment names for a URL; undefined: none. `http_proxy` has to be in small letters, as curl wants it for a reason. */
export function proxyFor (url: URL, env: Environment): URL | undefined {
  const of = (name: string): string | undefined => [env[name], env[name.toUpperCase()]].find(value => value !== undefined && value !== '')
  const own = url.protocol === 'https:' ? of('https_proxy') : env['http_proxy']
  const named = own === undefined || own === '' ? of('all_proxy') : own
  if (named === undefined || isExempt(url, of('no_proxy') ?? '')) return undefined
  const value = named.includes('://') ? named : `http://${named}`
  if (!URL.canParse(value)) throw new AgentError('FETCH_FAILED', 'the proxy that the agent\'s environment names is not a URL')
  const proxy = new URL(value)
  if (proxy.protocol === 'http:' || proxy.protocol === 'https:') return proxy
  throw new AgentError('NOT_SUPPORTED', `the agent's environment names a proxy of the kind ${proxy.protocol.slice(0, -1)}, which is not supported`)
}

/** By name, with all names below it, or by name and port; `*` is everything. */
function isExempt (url: URL, noProxy: string): boolean {
  const host = url.hostname.toLowerCase()
  const port = url.port === '' ? url.protocol === 'https:' ? '443' : '80' : url.port
  return noProxy.toLowerCase().split(/[\s,]+/).filter(word => word !== '').some(word => {
    if (word === '*') return true
    const [, name = word, onPort] = /^(.*[^:]|\[.*\]):(\d+)$/.exec(word) ?? []
    if (onPort !== undefined && onPort !== port) return false
    const bare = name.replace(/^\*?\./, '')
    return host === bare || host === `[${bare}]` || (isIP(host) === 0 && host.endsWith(`.${bare}`))
  })
}

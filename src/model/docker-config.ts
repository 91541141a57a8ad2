import { AgentError } from './errors.ts'
import { keyFor, registryOf, serverKey } from './registry.ts'

/** What the engine is told when it pulls, in its own words. Never logged, shown or kept. */
export interface RegistryAuth {
  readonly username?: string
  readonly password?: string
  readonly identitytoken?: string
  readonly registrytoken?: string
  readonly serveraddress: string
}

/** Where the credentials of a pull come from; `from` and `registry` are for people. */
export type Login =
  | { readonly kind: 'none', readonly registry: string }
  | { readonly kind: 'given', readonly registry: string, readonly from: string, readonly auth: RegistryAuth }
  | { readonly kind: 'helper', readonly registry: string, readonly from: string, readonly helper: string, readonly server: string }

type Json = Readonly<Record<string, unknown>>

/** A docker config.json, or the .dockercfg from before. `name` is what people know it by. */
export interface DockerConfig {
  readonly name: string
  readonly auths: Json
  readonly credHelpers: Json
  readonly credsStore: unknown
}

/** Reads either form. Throws CREDENTIALS_FAILED; never a word of the text itself. */
export function parseDockerConfig (text: string, name: string): DockerConfig {
  const root = objectIn(text, name)
  const isNew = ['auths', 'credHelpers', 'credsStore'].some(key => Object.hasOwn(root, key))
  if (!isNew) return { name, auths: root, credHelpers: {}, credsStore: undefined }
  const part = (key: string): Json => {
    const value = root[key] ?? {}
    if (isObject(value)) return value
    throw failed(`${name}: ${key} is no object`)
  }
  return { name, auths: part('auths'), credHelpers: part('credHelpers'), credsStore: root['credsStore'] }
}

/** The login that a config has for an image: the registry's own helper before the helper for all before what is written in it. */
export function loginFor (image: string, config: DockerConfig): Login {
  const registry = registryOf(image)
  const { name: from, auths, credHelpers, credsStore } = config
  const key = keyFor(registry, Object.keys(credHelpers))
  const helper = (key === undefined ? undefined : credHelpers[key]) ?? credsStore ?? ''
  if (helper !== '') return { kind: 'helper', registry, from, helper: helperName(helper, from), server: serverKey(registry) }
  const authKey = keyFor(registry, Object.keys(auths))
  const auth = authKey === undefined ? undefined : authOf(auths[authKey], serverKey(registry), `${from}: the entry ${JSON.stringify(authKey)}`)
  return auth === undefined ? { kind: 'none', registry } : { kind: 'given', registry, from, auth }
}

/** For people: whose credentials a pull had. */
export function describeLogin (login: Login): string {
  switch (login.kind) {
    case 'none': return `without credentials for ${login.registry}`
    case 'given': return `with the credentials for ${login.registry} in ${login.from}`
    case 'helper': return `with the credentials for ${login.registry} of docker-credential-${login.helper}, named in ${login.from}`
  }
}

/** It becomes part of a program's name. */
function helperName (helper: unknown, from: string): string {
  if (typeof helper === 'string' && /^[a-zA-Z0-9][\w.-]{0,63}$/.test(helper)) return helper
  throw failed(`${from}: a credential helper has a name that cannot be a program's`)
}

/** undefined: an entry without credentials, as helpers leave them behind. */
function authOf (entry: unknown, serveraddress: string, shown: string): RegistryAuth | undefined {
  if (!isObject(entry)) throw failed(`${shown} is no object`)
  const word = (key: string): string => {
    const value = entry[key] ?? ''
    if (typeof value === 'string') return value
    throw failed(`${shown}: ${key} is no text`)
  }
  const encoded = word('auth')
  const [username, password] = encoded === '' ? [word('username'), word('password')] : decodeAuth(encoded, shown)
  const [identitytoken, registrytoken] = [word('identitytoken'), word('registrytoken')]
  if ([username, password, identitytoken, registrytoken].every(value => value === '')) return undefined
  const tokens = { ...(identitytoken !== '' && { identitytoken }), ...(registrytoken !== '' && { registrytoken }) }
  return { username, password, ...tokens, serveraddress }
}

function decodeAuth (encoded: string, shown: string): [username: string, password: string] {
  const plain = Buffer.from(encoded, 'base64').toString()
  const colon = plain.indexOf(':')
  if (colon < 0) throw failed(`${shown}: auth is not USER:PASSWORD in base64`)
  return [plain.slice(0, colon), plain.slice(colon + 1).replace(/^\0+|\0+$/g, '')]
}

function objectIn (text: string, name: string): Json {
  let root: unknown
  // What the parser says quotes the text.
  try { root = JSON.parse(text) } catch { throw failed(`${name} is no JSON`) }
  if (isObject(root)) return root
  throw failed(`${name} is no JSON object`)
}

function isObject (value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function failed (message: string): AgentError {
  return new AgentError('CREDENTIALS_FAILED', message)
}

import { parseImage } from './image-reference.ts'

/** Where Docker Hub's credentials stand in a docker config, whatever the hub is called today. */
const hubKey = 'https://index.docker.io/v1/'
const hub = 'docker.io'
const hubNames = new Set([hub, 'index.docker.io', 'registry-1.docker.io'])

/** The registry of an image as the engine understands it: the first part, if it can be nothing else; without, Docker Hub. Throws SPEC_INVALID. */
export function registryOf (image: string): string {
  const { repository } = parseImage(image)
  const slash = repository.indexOf('/')
  const first = repository.slice(0, Math.max(slash, 0))
  const isHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase()
  return !isHost || hubNames.has(first) ? hub : first
}

/** What a registry is called in docker configs and by credential helpers. */
export function serverKey (registry: string): string {
  return registry === hub ? hubKey : registry
}

/** The key of these that means this registry, as the docker CLI finds it: word for word, else by its host, whatever scheme and path it has. */
export function keyFor (registry: string, keys: readonly string[]): string | undefined {
  const names = registry === hub ? hubNames : new Set([registry.toLowerCase()])
  return keys.find(key => key === serverKey(registry)) ?? keys.find(key => names.has(hostOf(key)))
}

function hostOf (key: string): string {
  return key.replace(/^[a-z]+:\/\//i, '').replace(/\/.*$/s, '').toLowerCase()
}

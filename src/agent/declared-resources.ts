import { AgentError, messageOf } from '../model/errors.ts'
import { parseResources } from '../model/resources-text.ts'
import { parseJson } from '../wire/json.ts'
import type { v1 } from '../wire/messages.ts'
import { quantityOf, valueOf } from './wire-quantities.ts'

/** What the setting names, as text, `cpus:4;cpus(web):2`, or as JSON, a list of Mesos's Resource; with the role that it is reserved for. SETTING_INVALID. */
export function declaredResources (setting: string): v1.Resource[] {
  return setting.trim().startsWith('[') ? fromJson(setting) : fromText(setting)
}

export function isReserved ({ role = '*', reservations = [] }: v1.Resource): boolean {
  return role !== '*' || reservations.length > 0
}

function fromText (setting: string): v1.Resource[] {
  return setting.split(';').filter(part => part.trim() !== '').flatMap(part => {
    const [, name, role = '*', value] = /^\s*([\w.-]+)\(([^()\s]+)\)\s*:(.*)$/s.exec(part) ?? []
    const plain = name === undefined ? part : `${name}:${value}`
    return [...parseResources(plain)].map(([of, quantity]) => ({ name: of, ...valueOf(quantity), role }))
  })
}

function fromJson (setting: string): v1.Resource[] {
  try {
    const list = JSON.parse(setting) as unknown[]
    const resources = list.map(one => parseJson('v1.Resource', one))
    for (const resource of resources) {
      quantityOf(resource)
      const special = specialFeature(resource)
      if (special !== undefined) throw new Error(`${special} of '${resource.name}' cannot be declared`)
    }
    return resources.map(resource => resource.reservations === undefined ? { ...resource, role: resource.role ?? '*' } : resource)
  } catch (error) {
    throw new AgentError('SETTING_INVALID', `resources: this is no list of Mesos's resources: ${messageOf(error)}`)
  }
}

function specialFeature ({ disk, shared, revocable, provider_id: provider, reservation, reservations = [] }: v1.Resource): string | undefined {
  if (disk !== undefined) return 'a disk source or volume'
  if (shared !== undefined) return 'sharing'
  if (revocable !== undefined) return 'revocability'
  if (provider !== undefined) return 'a resource provider'
  return reservation !== undefined || reservations.some(({ type }) => type !== 'STATIC') ? 'a reservation of run time' : undefined
}

import { dropCall } from './dropped.ts'
import { rolesOf, type Framework } from './framework.ts'
import type { Solo } from './solo.ts'
import type { scheduler } from '../../wire/messages.ts'

/** No offers for these roles, or for any. */
export function suppress (solo: Solo, framework: Framework, { suppress: call }: scheduler.Call): void {
  const roles = meant(solo, framework, 'SUPPRESS', call?.roles)
  if (roles === undefined) return
  for (const role of roles) framework.suppressed.add(role)
  solo.allocator.allocate()
}

/** Offers again, also of what was refused. */
export function revive (solo: Solo, framework: Framework, { revive: call }: scheduler.Call): void {
  const roles = meant(solo, framework, 'REVIVE', call?.roles)
  if (roles === undefined) return
  for (const role of roles) framework.suppressed.delete(role)
  framework.filters = framework.filters.filter(({ role }) => !roles.includes(role))
  solo.allocator.allocate()
}

/** All its roles if none is named. One that it does not have, and the whole call is dropped. */
function meant (solo: Solo, framework: Framework, type: 'REVIVE' | 'SUPPRESS', roles: readonly string[] = []): readonly string[] | undefined {
  const own = rolesOf(framework.info)
  const foreign = roles.find(role => !own.includes(role))
  if (foreign === undefined) return roles.length === 0 ? own : roles
  dropCall(solo, framework, type, `role '${foreign}' is not one of the framework's subscribed roles`)
  return undefined
}

import { rolesOf, type Framework } from './framework.ts'
import type { Solo } from './solo.ts'
import type { scheduler } from '../../wire/messages.ts'

/** No offers for these roles, or for any. */
export function suppress (solo: Solo, framework: Framework, { suppress: call }: scheduler.Call): void {
  for (const role of meant(framework, call?.roles)) framework.suppressed.add(role)
  solo.allocator.allocate()
}

/** Offers again, also of what was refused. */
export function revive (solo: Solo, framework: Framework, { revive: call }: scheduler.Call): void {
  const roles = meant(framework, call?.roles)
  for (const role of roles) framework.suppressed.delete(role)
  framework.filters = framework.filters.filter(({ role }) => !roles.includes(role))
  solo.allocator.allocate()
}

/** Roles that it does not have are of no consequence. */
function meant ({ info }: Framework, roles: readonly string[] = []): readonly string[] {
  return roles.length === 0 ? rolesOf(info) : roles.filter(role => rolesOf(info).includes(role))
}

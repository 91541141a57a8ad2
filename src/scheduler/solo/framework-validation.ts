import { hasCapability, rolesOf } from './framework.ts'
import { idFault, roleFault } from './identifier-validation.ts'
import type { v1 } from '../../wire/messages.ts'

type Check = (info: v1.FrameworkInfo, suppressedRoles: readonly string[]) => string | undefined

const checks: readonly Check[] = [rightRoleField, noDuplicateRoles, validRoles, validId, validFailoverTimeout, knownSuppressedRoles]

/** What is wrong with a framework that wants to subscribe; told in an ERROR event. */
export function frameworkFault (info: v1.FrameworkInfo, suppressedRoles: readonly string[]): string | undefined {
  for (const check of checks) {
    const fault = check(info, suppressedRoles)
    if (fault !== undefined) return fault
  }
  return undefined
}

/** What of a known framework cannot be changed. */
export function updateFault (old: v1.FrameworkInfo, info: v1.FrameworkInfo): string | undefined {
  if (info.principal !== old.principal) return "Changing framework's principal is not allowed."
  for (const name of ['user', 'checkpoint'] as const) {
    const [before, after] = [String(old[name] ?? false), String(info[name] ?? false)]
    if (before !== after) return `Updating 'FrameworkInfo.${name}' is unsupported; attempted to update from '${before}' to '${after}'`
  }
  return undefined
}

function rightRoleField (info: v1.FrameworkInfo): string | undefined {
  if (hasCapability(info, 'MULTI_ROLE')) {
    return info.role === undefined ? undefined : "'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable"
  }
  return (info.roles?.length ?? 0) === 0 ? undefined : "'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable"
}

function noDuplicateRoles ({ roles = [] }: v1.FrameworkInfo): string | undefined {
  const duplicates = roles.filter((role, index) => roles.indexOf(role) !== index)
  return duplicates.length === 0 ? undefined : `'FrameworkInfo.roles' contains duplicate items: ${[...new Set(duplicates)].join(', ')}`
}

function validRoles (info: v1.FrameworkInfo): string | undefined {
  const fault = rolesOf(info).map(roleFault).find(found => found !== undefined)
  if (fault === undefined) return undefined
  if (hasCapability(info, 'MULTI_ROLE')) return `'FrameworkInfo.roles' contains invalid role: ${fault}`
  return `'FrameworkInfo.role' is not a valid role: ${fault}`
}

function validId ({ id }: v1.FrameworkInfo): string | undefined {
  const fault = id === undefined || id.value === '' ? undefined : idFault(id.value)
  return fault === undefined ? undefined : `'FrameworkInfo.id' is not a valid id: ${fault}`
}

function validFailoverTimeout ({ failover_timeout: seconds = 0 }: v1.FrameworkInfo): string | undefined {
  if (Number.isFinite(seconds) && seconds >= 0) return undefined
  return `The framework failover_timeout (${String(seconds)}) is invalid: it must be a non-negative number of seconds`
}

function knownSuppressedRoles (info: v1.FrameworkInfo, suppressedRoles: readonly string[]): string | undefined {
  const unknown = suppressedRoles.find(role => !rolesOf(info).includes(role))
  return unknown === undefined ? undefined : `Suppressed role '${unknown}' is not contained in the list of roles`
}

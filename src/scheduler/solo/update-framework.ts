import { AgentError } from '../../model/errors.ts'
import { frameworkFault, updateFault } from './framework-validation.ts'
import { rolesOf, type Framework } from './framework.ts'
import type { Solo } from './solo.ts'
import type { scheduler } from '../../wire/messages.ts'

/** A framework under way gets other capabilities, roles or times. Answered when it is done; throws SPEC_INVALID with the reason when it cannot be. */
export function updateFramework (solo: Solo, framework: Framework, { update_framework: call }: scheduler.Call): void {
  if (call === undefined) return
  const { framework_info: info, suppressed_roles: suppressedRoles = [] } = call
  refuse('Supplied FrameworkInfo is not valid', frameworkFault(info, []))
  refuse('FrameworkInfo update is not valid', updateFault(framework.info, info))
  refuse("'UpdateFramework' call is not valid", frameworkFault(info, suppressedRoles))
  framework.info = info
  framework.suppressed.clear()
  for (const role of suppressedRoles) framework.suppressed.add(role)
  void solo.kept.note(framework)
  solo.allocator.rescindOtherRoles(framework, rolesOf(info))
  solo.allocator.allocate()
}

function refuse (prefix: string, fault: string | undefined): void {
  if (fault !== undefined) throw new AgentError('SPEC_INVALID', `${prefix}: ${fault}`)
}

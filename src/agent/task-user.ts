import type { ContainerSpec } from '../model/container-spec.ts'
import type { v1 } from '../wire/messages.ts'
import { invalid, noNul, notAllowed, type Policy } from './policy.ts'

/** Who runs in the container: the parameter `user` is over the command's; without either it is the image's to say. */
export function userOf (command: v1.CommandInfo | undefined, byParameter: unknown, policy: Policy): Pick<ContainerSpec, 'user'> {
  if (typeof byParameter === 'string') return { user: allowed(byParameter, 'container.docker.parameters: user', policy) }
  const user = command?.user
  if (user === undefined || !policy.dockerUser) return {}
  noNul(user, 'command.user')
  if (user === '') throw invalid('command.user', 'is empty')
  return { user: allowed(user, 'command.user', policy) }
}

function allowed (user: string, field: string, { allowUsers }: Policy): string {
  if (!allowUsers.includes('*') && !allowUsers.includes(user)) throw notAllowed(`${field}: the user ${user}`, 'allowUsers', { field })
  return user
}

import type { v1 } from '../wire/messages.ts'

type Asked = readonly [field: string, isAsked: (task: v1.TaskInfo) => boolean]

/** What a task may ask for and this version cannot give. It is refused by name: silently leaving it out would run something else than was asked. */
const unsupported: readonly Asked[] = [
  ['executor', task => task.executor !== undefined],
  ['command.user', task => task.command?.user !== undefined],
  ['command.environment: variables of type SECRET', task => (task.command?.environment?.variables ?? []).some(variable => variable.type === 'SECRET')],
  ['container.volumes', task => some(task.container?.volumes)],
  ['container.hostname', task => task.container?.hostname !== undefined],
  ['container.network_infos', task => some(task.container?.network_infos)],
  ['container.linux_info', task => task.container?.linux_info !== undefined],
  ['container.rlimit_info', task => task.container?.rlimit_info !== undefined],
  ['container.tty_info', task => task.container?.tty_info !== undefined],
  ['container.docker.network USER', task => task.container?.docker?.network === 'USER'],
  ['container.docker.port_mappings', task => some(task.container?.docker?.port_mappings)],
  ['container.docker.privileged', task => task.container?.docker?.privileged === true],
  ['container.docker.parameters', task => some(task.container?.docker?.parameters)],
  ['container.docker.volume_driver', task => task.container?.docker?.volume_driver !== undefined],
  ['limits', task => Object.keys(task.limits ?? {}).length > 0],
  ['resources: gpus', task => (task.resources ?? []).some(({ name, scalar }) => name === 'gpus' && (scalar?.value ?? 0) > 0)],
]

/** The first field that asks too much. */
export function unsupportedField (task: v1.TaskInfo): string | undefined {
  return unsupported.find(([, isAsked]) => isAsked(task))?.[0]
}

function some (list: readonly unknown[] | undefined): boolean {
  return list !== undefined && list.length > 0
}

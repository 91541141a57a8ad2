import type { v1 } from '../wire/messages.ts'

type Asked = readonly [field: string, isAsked: (task: v1.TaskInfo) => boolean]

/** What a task may ask for and this version cannot give. It is refused by name: silently leaving it out would run something else than was asked. */
const unsupported: readonly Asked[] = [
  ['command.environment: variables of type SECRET', task => (task.command?.environment?.variables ?? []).some(variable => variable.type === 'SECRET')],
  ['container.network_infos', task => task.container?.docker?.network !== 'USER' && some(task.container?.network_infos)],
  ['container.linux_info', task => task.container?.linux_info !== undefined],
  ['container.rlimit_info', task => task.container?.rlimit_info !== undefined],
  ['container.tty_info', task => task.container?.tty_info !== undefined],
  ['resources: gpus', task => (task.resources ?? []).some(({ name, scalar }) => name === 'gpus' && (scalar?.value ?? 0) > 0)],
]

/** The first field that asks too much. */
export function unsupportedField (task: v1.TaskInfo): string | undefined {
  return unsupported.find(([, isAsked]) => isAsked(task))?.[0]
}

function some (list: readonly unknown[] | undefined): boolean {
  return list !== undefined && list.length > 0
}

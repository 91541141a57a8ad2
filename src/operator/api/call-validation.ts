import type { agent } from '../../wire/messages.ts'

type Type = agent.Call_Type
type Part = Exclude<keyof agent.Call, 'type'>

/** The part of the message that a call of each type must have. */
const parts = {
  GET_METRICS: 'get_metrics',
  SET_LOGGING_LEVEL: 'set_logging_level',
  LIST_FILES: 'list_files',
  READ_FILE: 'read_file',
  LAUNCH_NESTED_CONTAINER: 'launch_nested_container',
  WAIT_NESTED_CONTAINER: 'wait_nested_container',
  KILL_NESTED_CONTAINER: 'kill_nested_container',
  REMOVE_NESTED_CONTAINER: 'remove_nested_container',
  LAUNCH_NESTED_CONTAINER_SESSION: 'launch_nested_container_session',
  ATTACH_CONTAINER_INPUT: 'attach_container_input',
  ATTACH_CONTAINER_OUTPUT: 'attach_container_output',
  LAUNCH_CONTAINER: 'launch_container',
  WAIT_CONTAINER: 'wait_container',
  KILL_CONTAINER: 'kill_container',
  REMOVE_CONTAINER: 'remove_container',
  ADD_RESOURCE_PROVIDER_CONFIG: 'add_resource_provider_config',
  UPDATE_RESOURCE_PROVIDER_CONFIG: 'update_resource_provider_config',
  REMOVE_RESOURCE_PROVIDER_CONFIG: 'remove_resource_provider_config',
  MARK_RESOURCE_PROVIDER_GONE: 'mark_resource_provider_gone',
} as const satisfies Partial<Record<Type, Part>>

/** These speak of a container inside another. */
const nested: ReadonlySet<Type> = new Set<Type>([
  'LAUNCH_NESTED_CONTAINER', 'WAIT_NESTED_CONTAINER', 'KILL_NESTED_CONTAINER', 'REMOVE_NESTED_CONTAINER', 'LAUNCH_NESTED_CONTAINER_SESSION',
])

/** What is wrong with a call, in the words of a Mesos agent. */
export function callFault (call: agent.Call): string | undefined {
  const { type } = call
  if (type === undefined) return "Expecting 'type' to be present"
  const part = type in parts ? parts[type as keyof typeof parts] : undefined
  if (part === undefined) return undefined
  if (call[part] === undefined) return `Expecting '${part}' to be present`
  const { container_id: container } = call[part] as { container_id?: { parent?: object } }
  return nested.has(type) && container?.parent === undefined ? `Expecting '${part}.container_id.parent' to be present` : undefined
}

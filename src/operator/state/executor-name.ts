import type { v1 } from '../../wire/messages.ts'

/** The name that Mesos gives to the executor of a task that has none: as people search for it. */
export function executorName ({ task_id: { value: taskId }, command = {} }: v1.TaskInfo): string {
  return `Command Executor (Task: ${taskId}) (Command: ${commandText(command)})`
}

function commandText ({ shell = true, value, arguments: words = [] }: v1.CommandInfo): string {
  if (shell) return value === undefined ? 'NO COMMAND' : `sh -c '${shortened(value)}'`
  return value === undefined ? 'NO EXECUTABLE' : `[${shortened([value, ...words].join(', '))}]`
}

function shortened (text: string): string {
  return text.length > 15 ? `${text.slice(0, 12)}...` : text
}

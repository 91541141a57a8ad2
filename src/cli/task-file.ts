import { readFileSync } from 'node:fs'
import { AgentError } from '../model/errors.ts'
import { parseJson, readJson } from '../wire/json.ts'
import type { TaskWish } from './task-info.ts'
import { scalar } from './task-info.ts'

export interface TaskFileOptions { readonly name?: string, readonly cpus: number, readonly mem: number }

/** A TaskInfo as JSON. Name and ids may be missing, and resources: those are taken from the command line. */
export function taskFromFile (file: string, { name, cpus, mem }: TaskFileOptions): TaskWish {
  const content = readObject(file)
  const given = typeof content['name'] === 'string' ? content['name'] : undefined
  const called = name ?? given ?? file.replace(/^.*\//, '').replace(/\.json$/, '')
  const defaults = { task_id: { value: called }, resources: [scalar('cpus', cpus), scalar('mem', mem)] }
  try {
    const anyAgent = { value: 'to be chosen' }
    const { agent_id: _, ...wish } = parseJson('v1.TaskInfo', { ...defaults, ...content, name: called, agent_id: anyAgent })
    return wish
  } catch (error) {
    throw AgentError.wrap(error, `the task file ${file} is no TaskInfo`)
  }
}

function readObject (file: string): Record<string, unknown> {
  try {
    const content = readJson(readFileSync(file, 'utf8'))
    if (typeof content === 'object' && content !== null) return content as Record<string, unknown>
    throw new Error('expected a JSON object')
  } catch (error) {
    throw AgentError.wrap(error, `the task file ${file} cannot be read`, {}, 'SPEC_INVALID')
  }
}

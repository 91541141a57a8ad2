import { join } from 'node:path'
import { AgentError } from '../../model/errors.ts'
import type { v1 } from '../../wire/messages.ts'
import { roleOf } from './resource-kinds.ts'

/** Where the data of a persistent volume is: as in Mesos, a role's slashes are spaces there. Throws SPEC_INVALID on a name that is no folder's. */
export function volumePlace (workDir: string, resource: v1.Resource): string {
  const { disk } = resource
  if (disk?.source !== undefined) {
    throw new AgentError('NOT_SUPPORTED', 'persistent volumes are on the disk of the work directory alone: disk.source is not supported')
  }
  return join(volumesFolder(workDir), folderName(roleOf(resource).replaceAll('/', ' '), 'role'), folderName(disk?.persistence?.id ?? '', 'persistence.id'))
}

export function volumesFolder (workDir: string): string {
  return join(workDir, 'volumes', 'roles')
}

/** Beside the volumes: out of the way, and to be removed. */
export const destroyedPrefix = '.destroyed-'

export function destroyedPlace (workDir: string, name: string): string {
  return join(workDir, 'volumes', destroyedPrefix + name)
}

function folderName (name: string, field: string): string {
  if (name !== '' && name !== '.' && name !== '..' && !/[/\u0000-\u001f\u007f]/.test(name) && Buffer.byteLength(name) <= 255) return name
  throw new AgentError('SPEC_INVALID', `the ${field} of a persistent volume cannot be a folder's name`)
}

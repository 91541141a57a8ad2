import type { Volume } from '../../model/container-spec.ts'
import { AgentError } from '../../model/errors.ts'
import type { v1 } from '../../wire/messages.ts'
import { invalid } from '../policy.ts'
import { containerPathOf, type SandboxPlaces } from '../task-volumes.ts'
import { isPersistent, newerForm } from './resource-kinds.ts'
import { volumePlace, volumesFolder } from './volume-place.ts'

/** The persistent volumes among a task's resources, mounted where their resources say. `workDir`: where their data is; without one there are none. */
export function persistentVolumes (resources: readonly v1.Resource[] = [], sandbox: SandboxPlaces, workDir: string | undefined): Volume[] {
  return resources.flatMap((resource, at) => {
    const field = `resources[${at}].disk.volume`
    const { volume } = resource.disk ?? {}
    if (!isPersistent(resource) || volume === undefined) return []
    if (workDir === undefined) throw new AgentError('NOT_SUPPORTED', `${field}: persistent volumes need a master that makes them`, { field })
    if (volume.host_path !== undefined || volume.source !== undefined) throw invalid(field, 'has a source, and is persistent')
    return [{
      kind: 'bind', isPersistent: true, hostPath: volumePlace(workDir, newerForm(resource)), within: [volumesFolder(workDir)],
      containerPath: containerPathOf(volume, field, sandbox), readOnly: volume.mode === 'RO', field,
    }]
  })
}

/** Volumes asked for in one way and another: no two in one place. */
export function together (volumes: readonly Volume[], persistent: readonly Volume[]): Volume[] {
  const seen = new Map(volumes.map(({ containerPath, field }) => [containerPath, field]))
  for (const { containerPath, field } of persistent) {
    const other = seen.get(containerPath)
    if (other !== undefined) throw invalid(`${field}.container_path`, `${containerPath} is where ${other} is mounted`)
    seen.set(containerPath, field)
  }
  return [...volumes, ...persistent]
}

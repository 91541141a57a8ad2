import { chown, mkdir, realpath } from 'node:fs/promises'
import { dirname, join, basename } from 'node:path'
import type { Volume } from '../model/container-spec.ts'
import { AgentError, messageOf } from '../model/errors.ts'
import { hostOwner } from './host-owner.ts'

/** The volumes with the real paths of this host, each found to be where it may be; folders that are missing are made, as Docker does. */
export async function realVolumes (volumes: readonly Volume[] = [], user?: string): Promise<Volume[]> {
  return await Promise.all(volumes.map(async volume => volume.kind === 'bind' ? await realBind(volume, user) : volume))
}

type Bind = Extract<Volume, { kind: 'bind' }>

async function realBind (volume: Bind, user: string | undefined): Promise<Volume> {
  const { hostPath, within, allowedBy, field } = volume
  const asked = `${field}: ${hostPath}`
  try {
    const [place, ...folders] = await Promise.all([hostPath, ...within].map(realPlace))
    const real = place?.path ?? hostPath
    if (!folders.some(folder => isWithin(real, folder.path))) {
      const told = real === hostPath ? asked : `${asked} (which is ${real})`
      const way = allowedBy === undefined ? 'it leads out of the sandbox' : `${allowedBy} would allow it`
      throw new AgentError('NOT_ALLOWED', `${told} is not allowed; ${way}`, { field })
    }
    if (place?.isThere !== true) await mkdir(real, { recursive: true })
    if (volume.isPersistent === true) await giveSandbox(real, user)
    return { ...volume, hostPath: real }
  } catch (error) {
    if (error instanceof AgentError) throw error
    throw new AgentError('SANDBOX_FAILED', `${asked} cannot be mounted: ${messageOf(error)}`, { field })
  }
}

/** Where a path leads after all symbolic links; of what is missing, where it would be. */
async function realPlace (path: string): Promise<{ path: string, isThere: boolean }> {
  try {
    return { path: await realpath(path), isThere: true }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error
    return { path: join((await realPlace(dirname(path))).path, basename(path)), isThere: false }
  }
}

function isWithin (path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}

/** A folder, the sandbox for one, belongs to who runs in it, so that it can be written. A name is looked up on this host, as Mesos does. */
export async function giveSandbox (path: string, user: string | undefined): Promise<void> {
  const owner = await hostOwner(user)
  if (owner !== undefined) await chown(path, owner.uid, owner.gid)
}

import type Docker from 'dockerode'
import { dial } from './engine-call.ts'
import type { ListedImage } from './port.ts'

interface ImageDocument { Id: string, RepoTags: string[] | null, RepoDigests?: string[] | null, Created: number }

export async function images (docker: Docker, abortSignal: AbortSignal): Promise<ListedImage[]> {
  const found = await dial<ImageDocument[]>(docker, { path: '/images/json', method: 'GET', abortSignal })
  return found.map(({ Id: id, RepoTags: tags, RepoDigests: digests, Created: createdAt }) => ({
    id, createdAt, tags: named(tags), digests: named(digests),
  }))
}

export async function imagesInUse (docker: Docker, abortSignal: AbortSignal): Promise<ReadonlySet<string>> {
  const found = await docker.listContainers({ all: true, abortSignal })
  return new Set(found.map(({ ImageID }) => ImageID))
}

/** An image without a name has one of these as its only one, or null. */
function named (names: readonly string[] | null | undefined): string[] {
  return (names ?? []).filter(name => !name.startsWith('<none>'))
}

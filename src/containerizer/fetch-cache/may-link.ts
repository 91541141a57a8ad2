import type { ContainerSpec } from '../../model/container-spec.ts'
import type { LinkPolicy } from '../../model/fetch-cache.ts'

/**
 * Whether a container's sandbox may hold the cached file itself. Who writes to one writes to all. Safe is what cannot write to a file of ours:
 * not root, and with no way to become it.
 */
export function mayLink (spec: Pick<ContainerSpec, 'user' | 'privileged' | 'engineFields'>, policy: LinkPolicy): boolean {
  if (policy !== 'safe') return policy === 'always'
  const [user = ''] = spec.user?.split(':') ?? []
  const isRoot = !/^\d{1,9}$/.test(user) || Number(user) === 0       // a name may be any number in the image
  const { CapAdd, SecurityOpt } = spec.engineFields?.host ?? {}
  const staysSo = Array.isArray(SecurityOpt) && SecurityOpt.some(option => /^no-new-privileges([=:]true)?$/.test(String(option)))
  const hasMore = Array.isArray(CapAdd) && CapAdd.length > 0
  return !isRoot && staysSo && !hasMore && spec.privileged !== true && Number(user) !== process.getuid?.()
}

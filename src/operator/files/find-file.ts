import { AgentError } from '../../model/errors.ts'
import { openBeneath, type Found } from './open-beneath.ts'
import { sandboxPlace, type SandboxSite } from './sandbox-place.ts'

/** NOT_FOUND when it leads nowhere. */
export async function findFile (path: string, site: SandboxSite): Promise<Found> {
  const place = await sandboxPlace(path, site)
  const found = place && await openBeneath(place.root, place.rest)
  if (found === undefined) throw new AgentError('NOT_FOUND', '')
  return found
}

/** SPEC_INVALID in Mesos's words where there are any. */
export function mustBeFile ({ stat }: Found, verb: string): void {
  if (stat.isDirectory()) throw new AgentError('SPEC_INVALID', `Cannot ${verb} a directory.`)
  if (!stat.isFile()) throw new AgentError('SPEC_INVALID', `Cannot ${verb} what is not a regular file.`)
}

import { AgentError } from '../../model/errors.ts'
import { add, contains, subtract } from '../../model/resources.ts'
import type { v1 } from '../../wire/messages.ts'
import { byKind, fromKinds, isPersistent, newerForm, withoutVolume } from './resource-kinds.ts'

type Resource = v1.Resource
type Operation = v1.Offer_Operation

/** What an operation takes, and what it makes of that. */
interface Conversion { readonly taken: readonly Resource[], readonly made: readonly Resource[] }

const conversions: Partial<Record<v1.Offer_Operation_Type, (operation: Operation) => Conversion>> = {
  RESERVE: ({ reserve: { source = [], resources = [] } = {} }) => ({ taken: source.length > 0 ? source : resources.map(beforeReserve), made: resources }),
  UNRESERVE: ({ unreserve: { resources = [] } = {} }) => ({ taken: resources, made: resources.map(beforeReserve) }),
  CREATE: ({ create: { volumes = [] } = {} }) => ({ taken: volumes.map(diskOf), made: volumes }),
  DESTROY: ({ destroy: { volumes = [] } = {} }) => ({ taken: volumes, made: volumes.map(diskOf) }),
  GROW_VOLUME: ({ grow_volume: part }) => {
    if (part === undefined) throw invalid('there is no grow_volume')
    return { taken: [part.volume, part.addition], made: [resized(part.volume, amountOf(part.addition))] }
  },
  SHRINK_VOLUME: ({ shrink_volume: part }) => {
    if (part === undefined) throw invalid('there is no shrink_volume')
    const freed = { ...diskOf(part.volume), scalar: part.subtract }
    return { taken: [part.volume], made: [resized(part.volume, -part.subtract.value), freed] }
  },
}

/** All resources of an agent after an operation of a master. Throws SPEC_INVALID where it takes what is not there, NOT_SUPPORTED on what is not known. */
export function applyOperation (all: readonly Resource[], operation: Operation): Resource[] {
  const { type = 'UNKNOWN' } = operation
  const convert = conversions[type]
  if (convert === undefined) throw new AgentError('NOT_SUPPORTED', `operations of type ${type} are not supported`)
  const { taken, made } = convert(operation)
  const [there, part] = [byKind(all), byKind(taken)]
  const volumes = taken.filter(isPersistent)
  if (part.size === 0 || !contains(there, part) || !volumes.every(volume => isWhole(all, volume))) throw invalid(`${type} takes what this agent does not have`)
  return fromKinds(add(subtract(there, part), byKind(made)), [...all, ...made])
}

/** A volume is all of it or nothing. */
function isWhole (all: readonly Resource[], volume: Resource): boolean {
  const [[kind, quantity] = []] = byKind([volume])
  const there = kind === undefined ? undefined : byKind(all).get(kind)
  return there?.kind === 'scalar' && quantity?.kind === 'scalar' && there.thousandths === quantity.thousandths
}

/** Without its last reservation. */
function beforeReserve (resource: Resource): Resource {
  const { reservations = [], ...rest } = newerForm(resource)
  if (isPersistent(resource)) throw invalid('a persistent volume keeps its reservation')
  if (reservations.at(-1)?.type !== 'DYNAMIC') throw invalid(`'${resource.name}' is not reserved at run time`)
  return reservations.length === 1 ? rest : { ...rest, reservations: reservations.slice(0, -1) }
}

function diskOf (volume: Resource): Resource {
  if (!isPersistent(volume)) throw invalid(`'${volume.name}' is no persistent volume`)
  return withoutVolume(newerForm(volume))
}

function resized (volume: Resource, by: number): Resource {
  const value = amountOf(volume) + by
  if (value <= 0) throw invalid('nothing would be left of the volume')
  return { ...newerForm(volume), scalar: { value } }
}

function amountOf ({ scalar }: Resource): number { return scalar?.value ?? 0 }

function invalid (what: string): AgentError {
  return new AgentError('SPEC_INVALID', `Invalid operation: ${what}`)
}

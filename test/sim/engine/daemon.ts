import { revive, type Container, type Kept } from './container.ts'
import { Events } from './events.ts'
import { Images, type Image } from './images.ts'
import type { Exec } from './exec-handlers.ts'
import type { SimNetwork } from './network-handlers.ts'
import { Refusal } from './refusal.ts'

/** Everything that the simulated engine knows. */
export interface Daemon {
  readonly containers: Map<string, Container>
  /** Commands in containers; an engine that dies forgets them. */
  readonly execs: Map<string, Exec>
  readonly images: Images
  readonly events: Events
  /** By id. */
  readonly networks: Map<string, SimNetwork>
  readonly onNetwork: (id: string, network: SimNetwork | undefined) => void
  /** Whoever started the engine keeps its containers and images, so that they survive it. */
  readonly onKept: (container: Container) => void
  /** Takes up the containers of an engine that has died. */
  adopt (kept: readonly Kept[]): Container[]
}

interface Keepers extends Pick<Daemon, 'onKept' | 'onNetwork'> { readonly onImage: (name: string, image: Image | undefined) => void }

export function createDaemon ({ onKept, onImage, onNetwork }: Keepers): Daemon {
  const containers = new Map<string, Container>()
  return {
    containers,
    execs: new Map(),
    images: new Images(onImage),
    events: new Events(),
    networks: new Map(),
    onKept,
    onNetwork,
    adopt (kept) {
      const adopted = kept.map(revive)
      for (const container of adopted) containers.set(container.id, container)
      return adopted
    },
  }
}

/** By id, name or unique beginning of an id; 404 and 500 in the engine's words otherwise. */
export function findContainer ({ containers }: Daemon, reference: string): Container {
  const exact = containers.get(reference) ?? [...containers.values()].find(({ name }) => name === reference.replace(/^\//, ''))
  if (exact) return exact
  const [found, second] = [...containers.values()].filter(({ id }) => id.startsWith(reference))
  if (second) throw new Refusal(500, `Multiple IDs found with provided prefix: ${reference}`)
  if (!found) throw new Refusal(404, `No such container: ${reference}`)
  return found
}

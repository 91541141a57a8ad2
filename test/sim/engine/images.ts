import { createHash } from 'node:crypto'

export interface Image {
  readonly id: string
  readonly createdMs: number
  readonly entrypoint: readonly string[] | null
  readonly cmd: readonly string[] | null
}

/** What an image says of how to run it. */
export interface ImageCommand { readonly entrypoint?: readonly string[] | null, readonly cmd?: readonly string[] | null }

/** An image that can be pulled, and how long that takes. `denied`: the registry wants credentials. */
export interface RemoteImage extends ImageCommand {
  readonly layers?: number
  /** Of each layer. */
  readonly bytes?: number
  /** Time between two lines of progress; a layer takes four. */
  readonly chunkMs?: number
  readonly denied?: boolean
}

/** The engine's store of images and the registries it can reach, both by full name. */
export class Images {
  readonly #here = new Map<string, Image>()
  readonly #remote = new Map<string, RemoteImage>()
  readonly #onChange: (name: string, image: Image | undefined) => void

  constructor (onChange: (name: string, image: Image | undefined) => void) { this.#onChange = onChange }

  add (name: string, { entrypoint = null, cmd = null }: ImageCommand = {}): Image {
    const image = { id: imageId(name), createdMs: Date.now(), entrypoint, cmd }
    this.#here.set(fullName(name), image)
    this.#onChange(fullName(name), image)
    return image
  }

  addRemote (name: string, remote: RemoteImage): void { this.#remote.set(fullName(name), remote) }
  remote (name: string): RemoteImage | undefined { return this.#remote.get(fullName(name)) }
  list (): [string, Image][] { return [...this.#here] }

  find (name: string): Image | undefined {
    return this.#here.get(fullName(name)) ?? [...this.#here.values()].find(image => image.id === name)
  }

  remove (name: string): boolean {
    this.#onChange(fullName(name), undefined)
    return this.#here.delete(fullName(name))
  }
}

export const imageId = (name: string): string => `sha256:${createHash('sha256').update(fullName(name)).digest('hex')}`

/** With its tag, and without what Docker leaves out: "docker.io/library/busybox" is "busybox:latest". */
export function fullName (name: string): string {
  const short = name.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '')
  return /@sha256:|:[^/]+$/.test(short) ? short : `${short}:latest`
}

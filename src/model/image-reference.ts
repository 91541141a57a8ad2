import { AgentError } from './errors.ts'

export interface ImageReference {
  /** Registry and repository, as given. */
  readonly repository: string
  /** A tag, or a digest with its algorithm (`sha256:…`). `latest` when none is given. */
  readonly tag: string
}

const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const hostPart = '[a-zA-Z0-9]+(?:-+[a-zA-Z0-9]+)*'
const host = `(?:${hostPart}(?:\\.${hostPart})*|\\[[0-9a-fA-F:]+\\])(?::[0-9]{1,5})?`
const grammar = new RegExp(`^((?:${host}/)?${component}(?:/${component})*)(?::([\\w][\\w.-]{0,127}))?(?:@([a-z0-9+._-]+:[0-9a-fA-F]{32,}))?$`)

/**
 * Reads an image name by Docker's grammar; the first part is a registry only if it has a dot or a port, is `localhost`, or stands before
 * a slash (the engine decides). A digest wins over a tag. Throws SPEC_INVALID: what passes is safe in a URL's path.
 */
export function parseImage (image: string): ImageReference {
  const [, repository, tag, digest] = (image.length < 1024 && grammar.exec(image)) || []
  if (repository === undefined) throw new AgentError('SPEC_INVALID', `'${image.slice(0, 200)}' is not an image name`, { field: 'image' })
  return { repository, tag: digest ?? tag ?? 'latest' }
}

/** The name with its tag or digest spelled out: one key for all spellings of one image. */
export function fullName ({ repository, tag }: ImageReference): string {
  return `${repository}${tag.includes(':') ? '@' : ':'}${tag}`
}

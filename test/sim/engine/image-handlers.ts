import { imageDocument } from './documents.ts'
import { ok, type Handler } from './handler.ts'
import { fullName, imageId } from './images.ts'
import { drainTar, resolveRemote, tellPull } from './pull.ts'
import { Refusal } from './refusal.ts'

/** The image that a pull or an import is about, from its query. */
export function queriedImage (query: URLSearchParams): string {
  const image = query.get('fromImage') ?? query.get('repo') ?? ''
  const tag = query.get('tag') ?? ''
  return tag === '' ? image : `${image}${tag.includes(':') ? '@' : ':'}${tag}`
}

export const pull: Handler = ({ daemon: { images }, query }) => {
  const name = queriedImage(query)
  if (!/^[a-z0-9._:/@-]+$/.test(name.replace(/:[^/]*$/, ''))) throw new Refusal(400, 'invalid reference format: repository name must be lowercase')
  // The engine asks the registry before it answers: a no comes as a status.
  resolveRemote(images, name)
  return { tell: outlet => tellPull(images, name, outlet) }
}

export const importImage: Handler = async ({ daemon: { images }, query, body }) => {
  const name = queriedImage(query)
  await drainTar(body)
  images.add(name)
  return { tell: outlet => outlet.writeLine({ status: imageId(name) }) }
}

export const listImages: Handler = ({ daemon: { images } }) => ok(images.list().map(([name, { id, createdMs }]) => ({
  Id: id, RepoTags: [name], Created: Math.floor(createdMs / 1000), Labels: null, Containers: -1,
})))

export const inspectImage: Handler = ({ daemon: { images }, subject }) => {
  const image = images.find(subject)
  if (!image) throw new Refusal(404, `no such image: ${subject}: No such image: ${fullName(subject)}`)
  return ok(imageDocument(fullName(subject), image))
}

export const removeImage: Handler = ({ daemon: { images, containers }, subject }) => {
  const id = images.find(subject)?.id
  const user = [...containers.values()].find(({ imageId }) => imageId === id)
  if (id !== undefined && user !== undefined) {
    const why = `container ${user.id.slice(0, 12)} is using its referenced image`
    throw new Refusal(409, `conflict: unable to remove repository reference "${subject}" (must force) - ${why}`)
  }
  if (!images.remove(subject)) throw new Refusal(404, `No such image: ${fullName(subject)}`)
  return ok([{ Untagged: fullName(subject) }])
}

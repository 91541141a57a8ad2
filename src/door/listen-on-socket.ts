import type { FastifyInstance } from 'fastify'
import { chmod, open, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { constants } from 'node:fs'

/** Listens on a unix socket that everybody who reaches its folder may use; one that an earlier run left gives way. */
export async function listenOnSocket (app: FastifyInstance, path: string): Promise<void> {
  await rm(path, { force: true })
  // The kernel takes 107 bytes of path: by way of its folder's descriptor any is short enough.
  const folder = await open(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY)
  app.addHook('onClose', async () => { await folder.close() })
  await app.listen({ path: `/proc/self/fd/${folder.fd}/${basename(path)}` })
  await chmod(path, 0o666)
}

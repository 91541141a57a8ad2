import { open, stat, truncate } from 'node:fs/promises'

/** Cut short, a database kills whoever reads to its end. */
export async function damage (path: string): Promise<void> {
  await truncate(path, Math.floor((await stat(path)).size / 2))
  const file = await open(path, 'r+')
  await file.write(Buffer.alloc(4096, 0xff), 0, 4096, 0)
  await file.close()
}

import { askEngine, callEngine } from '../../../test/support/engine-api.ts'
import { ensureBusybox } from '../../../test/support/images.ts'

const pullMs = 600_000

/** The image to launch, there before anything is measured; without a name, a small one that takes no network. */
export async function readyImage (socket: string, image: string): Promise<string> {
  if (image === '') return await ensureBusybox(socket)
  const { status } = await callEngine(socket, `GET /images/${image}/json`)
  if (status === 404) await askEngine(socket, `POST /images/create?fromImage=${encodeURIComponent(image)}`, { timeoutMs: pullMs }).catch(() => {})
  await askEngine(socket, `GET /images/${image}/json`)
  return image
}

import { deferred } from '../../../src/base/deferred.ts'
import type { v1 } from '../../../src/wire/messages.ts'
import type { LoadFramework, Told } from '../launch/load-framework.ts'

/** In one call: what is to be launched all at once comes in such pieces. */
const atOnce = 100

/** Asks for all of them as fast as they are taken; back when each runs, in the order in which they came to. */
export async function launchFleet (framework: LoadFramework, count: number, infoOf: (at: number, agentId: string) => v1.TaskInfo): Promise<Told[]> {
  const told: Told[] = []
  const running: Array<Promise<unknown>> = []
  for (let from = 0; from < count; from += atOnce) {
    await offerFor(framework)
    framework.launch(agentId => {
      const infos = Array.from({ length: Math.min(atOnce, count - from) }, (_, at) => infoOf(from + at, agentId))
      for (const info of infos) running.push(framework.running(info.task_id.value).then(one => told.push(one)))
      return infos
    })
  }
  await Promise.all(running)
  return told
}

async function offerFor (framework: LoadFramework): Promise<void> {
  if (framework.hasOffer) return
  const come = deferred()
  framework.onOffer = () => { come.resolve() }
  await come.promise
}

import { askEngine, callEngine } from '../../../test/support/engine-api.ts'

/** Its disposal takes all that this instance still has off the engine: a bench that has failed leaves nothing on an engine that is somebody's own. */
export function clearsEngine (socket: string, instanceId: string): AsyncDisposable {
  return {
    async [Symbol.asyncDispose] () {
      const filters = encodeURIComponent(JSON.stringify({ label: [`slipway.agent=${instanceId}`] }))
      const left = await askEngine<Array<{ Id: string }>>(socket, `GET /containers/json?all=1&filters=${filters}`)
      for (const { Id } of left) await callEngine(socket, `DELETE /containers/${Id}?force=true&v=true`)
    },
  }
}

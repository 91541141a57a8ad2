import type { Server } from 'node:http'

/** Connections that several doors have together. */
export interface SharedConnections {
  readonly most: number
  open: number
}

/** More than these are closed as they come, whichever of the doors they come to. */
export function shareConnections (server: Server, shared: SharedConnections): void {
  server.on('connection', socket => {
    if (shared.open >= shared.most) {
      socket.destroy()
      return
    }
    shared.open++
    socket.once('close', () => { shared.open-- })
  })
}

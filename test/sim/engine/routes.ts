import type { CallName } from './call-names.ts'
import * as containers from './container-handlers.ts'
import * as engine from './engine-handlers.ts'
import * as execs from './exec-handlers.ts'
import type { Handler } from './handler.ts'
import * as images from './image-handlers.ts'
import * as networks from './network-handlers.ts'

export interface Route { readonly call: CallName, readonly handler: Handler }

/** Patterns see method, path without version, and query. The first row that fits answers. `subject`: the container or image it is about. */
const routes: ReadonlyArray<readonly [pattern: RegExp, call: CallName, handler: Handler]> = [
  [/^(GET|HEAD) \/_ping\?/, 'ping', engine.ping],
  [/^GET \/version\?/, 'version', engine.version],
  [/^GET \/info\?/, 'info', engine.info],
  [/^GET \/events\?/, 'events', engine.events],
  [/^POST \/images\/create\?(.*&)?fromSrc=/, 'import', images.importImage],
  [/^POST \/images\/create\?/, 'pull', images.pull],
  [/^GET \/images\/json\?/, 'listImages', images.listImages],
  [/^GET \/images\/(?<subject>[^?]+)\/json\?/, 'inspectImage', images.inspectImage],
  [/^DELETE \/images\/(?<subject>[^?]+)\?/, 'removeImage', images.removeImage],
  [/^POST \/containers\/create\?/, 'create', containers.create],
  [/^GET \/containers\/json\?/, 'list', containers.list],
  [/^GET \/containers\/(?<subject>[^/?]+)\/json\?/, 'inspect', containers.inspect],
  [/^GET \/containers\/(?<subject>[^/?]+)\/logs\?/, 'logs', containers.logs],
  [/^POST \/containers\/(?<subject>[^/?]+)\/attach\?/, 'attach', containers.attach],
  [/^POST \/containers\/(?<subject>[^/?]+)\/start\?/, 'start', containers.start],
  [/^POST \/containers\/(?<subject>[^/?]+)\/kill\?/, 'kill', containers.kill],
  [/^POST \/containers\/(?<subject>[^/?]+)\/stop\?/, 'stop', containers.stop],
  [/^POST \/containers\/(?<subject>[^/?]+)\/wait\?/, 'wait', containers.wait],
  [/^POST \/containers\/(?<subject>[^/?]+)\/update\?/, 'update', containers.update],
  [/^POST \/containers\/(?<subject>[^/?]+)\/exec\?/, 'execCreate', execs.create],
  [/^POST \/exec\/(?<subject>[^/?]+)\/start\?/, 'execStart', execs.start],
  [/^GET \/exec\/(?<subject>[^/?]+)\/json\?/, 'execInspect', execs.inspect],
  [/^GET \/networks\/(?<subject>[^/?]+)\?/, 'inspectNetwork', networks.inspect],
  [/^DELETE \/containers\/(?<subject>[^/?]+)\?/, 'remove', containers.remove],
]

export function findRoute (method: string, path: string, query: string): Route & { readonly subject: string } {
  const line = `${method} ${path}?${query}`
  for (const [pattern, call, handler] of routes) {
    const match = pattern.exec(line)
    if (match) return { call, handler, subject: decodeURIComponent(match.groups?.['subject'] ?? '') }
  }
  return { call: 'unknown', handler: engine.unknown, subject: path }
}

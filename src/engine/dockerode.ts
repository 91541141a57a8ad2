import { createRequire, Module } from 'node:module'
import type Dockerode from 'dockerode'

const require = createRequire(import.meta.url)
const ofDockerode = createRequire(require.resolve('dockerode'))

/**
 * Files of dockerode and its modem that load far more code than all else of both: ssh2 for engines elsewhere, grpc for builds. We speak to a socket and
 * build nothing, so each is taken for a function that nobody calls. Every thread that speaks to the engine would load them anew.
 */
const unused = [ofDockerode.resolve('docker-modem/lib/ssh.js'), ofDockerode.resolve('./session.js')]
for (const file of unused) require.cache[file] ??= standIn(file)

/** dockerode, without what it would load for nothing. */
export const Docker = require('dockerode') as typeof Dockerode

function standIn (file: string): NodeJS.Module {
  const exports = (): never => { throw new Error(`${file} is not loaded: see src/engine/dockerode.ts`) }
  return Object.assign(new Module(file), { exports, filename: file, loaded: true })
}

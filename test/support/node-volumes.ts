import { execFileSync } from 'node:child_process'
import { dirname, resolve } from 'node:path'
import type { v1 } from '../../src/wire/messages.ts'

/** Where a container finds the project, with `nodeVolumes`. */
export const projectFolder = '/slipway'
const nodePath = '/node'

/**
 * What lets a container that has nothing of its own run this project's compiled files with this machine's Node: its program, the libraries that it
 * is linked to, and the project, all read-only.
 */
export function nodeVolumes (): v1.Volume[] {
  const project = resolve('.')
  const libraries = execFileSync('ldd', [process.execPath], { encoding: 'utf8' }).match(/\/\S+\.so\S*/g) ?? []
  const mounts = [[process.execPath, nodePath], ...libraries.map(path => [path, path]), [project, projectFolder]] as Array<[string, string]>
  return mounts.map(([host, inside]) => ({ host_path: host, container_path: inside, mode: 'RO' }))
}

/** A compiled file of this project as the command of such a container: `nodeCommand('test/support/driver-program.js')`. */
export function nodeCommand (file: string): v1.CommandInfo {
  return { shell: true, value: `cd ${projectFolder} && exec ${nodePath} dist/${file}` }
}

/** The folders of this host that they are in, for the agent's policy. */
export function nodeHostPaths (): string {
  return [...new Set(nodeVolumes().map(({ host_path: path }, at, all) => at === all.length - 1 ? path : dirname(path ?? '')))].join(',')
}

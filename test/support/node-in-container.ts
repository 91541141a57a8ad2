import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { v1 } from '../../src/wire/messages.ts'

/** This machine's node with the libraries that it needs, and programs for it: to be mounted into containers of any image. */
export interface NodeFolder extends Disposable {
  /** For `--allow-host-paths`. */
  readonly path: string
  readonly volume: v1.Volume
  /** The words that run a program of the tests' support folder, one that imports nothing but node's own. */
  command (program: string): v1.CommandInfo
}

const mountedAt = '/slipway-node'

export function makeNodeFolder (...programs: readonly string[]): NodeFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-node-')))
  const libraries = execFileSync('ldd', [process.execPath], { encoding: 'utf8' }).split('\n')
    .flatMap(line => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? [])
  mkdirSync(join(path, 'lib'))
  for (const library of libraries) copyFileSync(library, join(path, 'lib', basename(library)))
  copyFileSync(process.execPath, join(path, 'node'))
  for (const program of programs) copyFileSync(fileURLToPath(new URL(`${program}.js`, import.meta.url)), join(path, `${program}.mjs`))
  const loader = basename(libraries.find(library => basename(library).startsWith('ld-')) ?? 'ld-linux')
  return {
    path,
    volume: { mode: 'RO', host_path: path, container_path: mountedAt },
    command: program => ({
      shell: false,
      value: `${mountedAt}/lib/${loader}`,
      arguments: ['--library-path', `${mountedAt}/lib`, `${mountedAt}/node`, `${mountedAt}/${program}.mjs`],
    }),
    [Symbol.dispose] () { rmSync(path, { recursive: true, force: true }) },
  }
}

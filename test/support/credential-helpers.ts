import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface HelperFolder extends AsyncDisposable {
  readonly folder: string
  /** Makes `docker-credential-NAME` of a shell script. */
  add (name: string, script: string): Promise<void>
}

/** A folder of credential helpers, first on the PATH of this process until disposed. */
export async function helpersOnPath (): Promise<HelperFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-helpers-'))
  const before = process.env['PATH'] ?? ''
  process.env['PATH'] = `${folder}:${before}`
  return {
    folder,
    async add (name, script) {
      const path = join(folder, `docker-credential-${name}`)
      await writeFile(path, `#!/bin/sh\n${script}\n`)
      await chmod(path, 0o755)
    },
    async [Symbol.asyncDispose] () {
      process.env['PATH'] = before
      await rm(folder, { recursive: true, force: true })
    },
  }
}

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'

export interface TestSandbox { readonly workDir: string, readonly path: string, readonly outside: string }

/** A work directory with one empty sandbox in it, and a folder outside that nobody is to see. */
export function sandboxIn (t: TestContext, [agent, framework, executor, run]: readonly string[] = ['a-S0', 'f', 'e', 'c1']): TestSandbox {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-files-')))
  t.after(() => { rmSync(folder, { recursive: true, force: true }) })
  const workDir = join(folder, 'work')
  const path = join(workDir, 'slaves', agent ?? '', 'frameworks', framework ?? '', 'executors', executor ?? '', 'runs', run ?? '')
  const outside = join(folder, 'outside')
  mkdirSync(path, { recursive: true })
  mkdirSync(outside)
  symlinkSync(path, join(dirname(path), 'latest'))
  return { workDir, path, outside }
}

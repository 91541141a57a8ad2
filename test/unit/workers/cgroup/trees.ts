import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder that looks like '/', and goes at the end of the test. */
export interface Tree extends Disposable {
  readonly root: string
  /** File → text; folders come by themselves. */
  write (files: Readonly<Record<string, string>>): void
  link (path: string, target: string): void
  remove (path: string): void
}

export function emptyTree (): Tree {
  const root = mkdtempSync(join(tmpdir(), 'slipway-cgroup-'))
  const made = (path: string): string => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    return join(root, path)
  }
  return {
    root,
    write (files) { for (const [path, text] of Object.entries(files)) writeFileSync(made(path), text) },
    link (path, target) { symlinkSync(target, made(path)) },
    remove (path) { rmSync(join(root, path), { recursive: true }) },
    [Symbol.dispose] () { rmSync(root, { recursive: true, force: true }) },
  }
}

/** A copy of a recorded one. */
export function recordedTree (name: 'v1' | 'v2'): Tree {
  const tree = emptyTree()
  cpSync(join('test', 'golden', 'cgroup', name), tree.root, { recursive: true })
  return tree
}

/** The containers of the recorded trees. */
export const recorded = {
  v1: { engineId: '551d99101d08833aba9a5e92527af489065fd8ae7656d7d5f847e4f19043334e', pid: 6603 },
  web: { engineId: '3f4e1c9a7b2d8e6f5a0c1b3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f6071', pid: 2117 },
  batch: { engineId: '9d8c7b6a5f4e3d2c1b0a99887766554433221100ffeeddccbbaa998877665544', pid: 4242 },
  ended: { engineId: '0badc0de5f4e3d2c1b0a99887766554433221100ffeeddccbbaa998877665544', pid: undefined },
}

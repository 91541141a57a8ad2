import { rmSync } from 'node:fs'
import { AgentError } from '../../src/model/errors.ts'
import { refused } from './archive/tree-writer.ts'
import { isOutward } from './links.ts'
import { mergeTree } from './merge-tree.ts'
import type { Item } from './plan.ts'

export interface Settleable {
  readonly item: Item
  /** A private folder with what is to go into the sandbox. */
  readonly root: string
  /** Names of the symbolic links in it. */
  readonly links: readonly string[]
}

/**
 * Moves all that was fetched into the sandbox, later ones over earlier ones. Links are looked at when everything has come together: a link
 * of one archive may lead through one of another. What was moved is taken back if the rest cannot be.
 */
export function settle (fetched: readonly Settleable[], sandbox: string): void {
  const [first, ...others] = fetched
  if (first === undefined) return
  for (const { root } of others) mergeTree(root, first.root)
  for (const { item, links } of fetched) {
    const outward = links.find(name => isOutward(first.root, name))
    if (outward !== undefined) throw outwardLink(item, outward)
  }
  const placed: string[] = []
  try {
    mergeTree(first.root, sandbox, path => { placed.push(path) })
  } catch (error) {
    for (const path of placed) rmSync(path, { recursive: true, force: true })
    throw error
  }
}

function outwardLink ({ shown }: Item, name: string): AgentError {
  const { code, message } = refused(name, 'is a link that leads out of the sandbox')
  return new AgentError(code, `${shown}: cannot be extracted: ${message}`)
}

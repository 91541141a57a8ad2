import assert from 'node:assert/strict'
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { plainArchives, type ArchiveLimits } from '../../../../src/model/archive-limits.ts'
import { AgentError } from '../../../../src/model/errors.ts'
import type { Fetched, FetchInput } from '../../../../src/pool/jobs.ts'
import type { FetchProgress, FetchUri } from '../../../../src/model/uri.ts'
import { fetchUris } from '../../../../workers/fetch/fetch-uris.ts'

export type UriLike = string | (Partial<FetchUri> & { value: string })

export interface More extends Partial<Pick<FetchInput, 'stallMs' | 'owner' | 'cached' | 'transfer'>> {
  readonly signal?: AbortSignal
  readonly onProgress?: () => void
}

export interface FetchBench extends Disposable {
  /** A folder with a file `victim`, and the sandbox in it. */
  readonly outside: string
  readonly sandbox: string
  readonly progress: FetchProgress[]
  fetch (uris: readonly UriLike[], more?: More): Promise<Fetched>
  /** Everything in the sandbox but the log files, as name: content; links as `-> target`, folders as `/`. */
  contents (): Record<string, string>
  /** Fetches what cannot be, and checks that sandbox and outside are as before; gives the message. */
  refused (code: string, uris: readonly UriLike[], more?: More): Promise<string>
}

export const archiveDefaults: ArchiveLimits = plainArchives
const never = new AbortController().signal
const files = { stdout: 'out', stderr: 'err' }

export function startFetchBench (): FetchBench {
  const outside = mkdtempSync(join(tmpdir(), 'slipway-test-fetch-'))
  const sandbox = join(outside, 'sandbox')
  mkdirSync(sandbox)
  writeFileSync(join(outside, 'victim'), 'unharmed')
  for (const [name, text] of Object.entries(files)) writeFileSync(join(sandbox, name), text)
  const progress: FetchProgress[] = []
  const contents = (): Record<string, string> => {
    const { stdout, stderr, ...others } = treeOf(sandbox)
    assert.deepEqual({ stdout, stderr }, files, 'the log files are as they were')
    return others
  }
  const fetch: FetchBench['fetch'] = (uris, { signal = never, onProgress, ...more } = {}) => {
    const onMessage = (message: FetchProgress): void => { progress.push(message); onProgress?.() }
    return fetchUris({ sandbox, uris: uris.map(fullUri), stallMs: 5_000, ...more }, { signal, progress: onMessage })
  }
  return {
    outside, sandbox, progress, fetch, contents,
    async refused (code, uris, more) {
      const before = treeOf(outside)
      const error = await fetch(uris, more).then(() => assert.fail('it was fetched'), (failure: unknown) => failure)
      assert.ok(error instanceof AgentError, String(error))
      assert.equal(error.code, code, error.message)
      assert.deepEqual(treeOf(outside), before, 'nothing is left, and nothing changed')
      return error.message
    },
    [Symbol.dispose] () { rmSync(outside, { recursive: true, force: true }) },
  }
}

export function fullUri (uri: UriLike): FetchUri {
  const given = typeof uri === 'string' ? { value: uri } : uri
  return { executable: false, extract: true, outputFile: undefined, ...given }
}

export function treeOf (root: string, below = ''): Record<string, string> {
  const tree: Record<string, string> = {}
  for (const name of readdirSync(join(root, below))) {
    const path = join(below, name)
    const stat = lstatSync(join(root, path))
    if (stat.isSymbolicLink()) tree[path] = `-> ${readlinkSync(join(root, path))}`
    else if (stat.isDirectory()) Object.assign(tree, { [path]: '/' }, treeOf(root, path))
    else tree[path] = stat.isFile() ? readFileSync(join(root, path), 'latin1') : 'special'
  }
  return tree
}

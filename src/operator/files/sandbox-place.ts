import { readlink } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** Where this agent's sandboxes are. */
export interface SandboxSite { readonly workDir: string, readonly agentId: string }

/** A sandbox's folder, and the way from there. */
export interface SandboxPlace { readonly root: string, readonly rest: string }

const inAgent = String.raw`frameworks/([^/]+)/executors/([^/]+)/runs/([^/]+)(?:/(.*))?`
const realForm = new RegExp(`^slaves/([^/]+)/${inAgent}$`, 's')
const virtualForm = new RegExp(`^/${inAgent}$`, 's')

/**
 * What a path means: the real path of a sandbox below the work directory, or Mesos's `/frameworks/…/executors/…/runs/…`; the last word of either is
 * a container or `latest`. undefined: it is no place in a sandbox. Whether it is there shows when it is opened.
 */
export async function sandboxPlace (path: string, { workDir, agentId }: SandboxSite): Promise<SandboxPlace | undefined> {
  if (path.includes('\0')) return undefined
  const plain = path.replace(/\/+/g, '/')
  const words = plain.startsWith(`${workDir}/`) ? realForm.exec(plain.slice(workDir.length + 1))?.slice(1) : virtualForm.exec(plain)?.with(0, agentId)
  if (words === undefined) return undefined
  const [agent = '', framework = '', executor = '', run = '', rest = ''] = words
  if ([agent, framework, executor, run].some(word => word === '.' || word === '..')) return undefined
  const runs = join(workDir, 'slaves', agent, 'frameworks', framework, 'executors', executor, 'runs')
  return { root: join(runs, run === 'latest' ? await latestOf(runs) : run), rest }
}

/** The link is ours, containers do not see it; no more than its last word is used. */
async function latestOf (runs: string): Promise<string> {
  return await readlink(join(runs, 'latest')).then(target => basename(target), () => 'latest')
}

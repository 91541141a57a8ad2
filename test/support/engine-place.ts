import { randomInt } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { eventually } from './eventually.ts'

/** What an engine of ours may leave behind, named so that it can be told from everybody else's. */
export interface EnginePlace {
  readonly folder: string
  /** The cgroup under which all its containers are. */
  readonly cgroup: string
  /** First three numbers of its bridge's network; 198.18.0.0/15 is set aside for tests and used nowhere else. */
  readonly subnet: string
}

export function makePlace (): EnginePlace {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-engine-'))
  // Under the test run's own, if there is one: what cleans up after the run takes it along.
  const cgroup = join(process.env['SLIPWAY_TEST_CGROUP'] ?? '', basename(folder))
  return { folder, cgroup, subnet: `198.18.${randomInt(1, 255)}` }
}

/** What is still to be seen of it from here, one line each. */
export function leftovers (place: EnginePlace): string[] {
  const { folder, cgroup, subnet } = place
  return [
    ...linesWith(folder, 'mount', readFileSync('/proc/self/mountinfo', 'utf8')),
    ...linesWith(`${subnet}.`, 'rule', outputOf('iptables-save')),
    ...linesWith(`${subnet}.`, 'bridge', outputOf('ip', '-oneline', 'address')),
    ...processesOf(place).map(pid => `process ${pid}: ${commandLine(pid)}`),
    ...cgroupFolders(cgroup).map(path => `cgroup ${path}`),
    ...(existsSync(folder) ? [`folder ${folder}`] : []),
  ]
}

/** Processes whose command line or cgroup bears its name: its daemons, shims and containers. */
export function processesOf (place: EnginePlace): number[] {
  return allPids().filter(pid => commandLine(pid).includes(place.folder) || isContained(pid, place))
}

/** Kills its containers by their cgroup, for when the engine cannot be asked to do it. */
export function killContainers (place: EnginePlace): void {
  for (const pid of allPids().filter(each => isContained(each, place))) killIfThere(pid)
}

/** What still runs in its containers, whether the engine knows of it or not. */
export function containedIn (place: EnginePlace): string[] {
  return allPids().filter(pid => isContained(pid, place)).map(pid => `${pid} ${commandLine(pid)}`)
}

function allPids (): number[] {
  return readdirSync('/proc').map(Number).filter(pid => pid > 0 && pid !== process.pid)
}

function isContained (pid: number, { cgroup }: EnginePlace): boolean {
  return contentOf(`/proc/${pid}/cgroup`).includes(`/${cgroup}/`)
}

export function killIfThere (pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/** Removes its folder and its cgroups, once the last of its processes is gone. */
export async function vacate (place: EnginePlace): Promise<void> {
  const { folder, cgroup } = place
  await eventually(() => processesOf(place).length === 0, { withinMs: 20_000, reason: `the end of the processes of ${folder}` })
  await eventually(() => {
    for (const path of cgroupFolders(cgroup)) removeTree(path)
    rmSync(folder, { recursive: true, force: true })
  }, { reason: `the removal of ${folder}` })
}

/** With cgroup v1 there is one a hierarchy, with v2 one in all. */
function cgroupFolders (cgroup: string): string[] {
  const root = '/sys/fs/cgroup'
  if (!existsSync(root)) return []
  return ['', ...readdirSync(root)].map(hierarchy => join(root, hierarchy, cgroup)).filter(path => existsSync(path))
}

/** A cgroup folder goes by rmdir alone; the files in it are the kernel's. */
function removeTree (path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) if (entry.isDirectory()) removeTree(join(path, entry.name))
  rmdirSync(path)
}

function linesWith (needle: string, kind: string, text: string): string[] {
  return text.split('\n').filter(line => line.includes(needle)).map(line => `${kind} ${line}`)
}

function outputOf (command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', timeout: 10_000, stdio: ['ignore', 'pipe', 'ignore'] })
}

function commandLine (pid: number): string {
  return contentOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()
}

function contentOf (path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

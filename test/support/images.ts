import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askEngine, callEngine } from './engine-api.ts'

/** The image of `ensureBusybox`; its entry in the engine's store is the tests' own. */
export const busyboxImage = 'slipway-test/busybox:1'

/** Makes sure that the engine has a small image with a shell and the usual commands; takes no network. Answers its name. */
export async function ensureBusybox (socket: string): Promise<string> {
  const known = await callEngine(socket, `GET /images/${busyboxImage}/json`)
  if (known.status === 404) await importImage(socket, busyboxImage, await busyboxTar())
  return busyboxImage
}

/** The same files under another name, with instructions as a Dockerfile has them. */
export async function ensureVariant (socket: string, image: string, changes: readonly string[]): Promise<void> {
  await importImage(socket, image, await busyboxTar(), changes)
}

export async function importImage (socket: string, image: string, tar: Buffer, changes: readonly string[] = []): Promise<void> {
  const { repo, tag } = split(image)
  const more = changes.map(change => `&changes=${encodeURIComponent(change)}`).join('')
  const progress = await askText(socket, `POST /images/create?fromSrc=-&repo=${encodeURIComponent(repo)}&tag=${tag}${more}`, tar)
  throwOnErrorLine(progress)
}

/** Pushes a local image to the registry under a name of its own there; answers the name by which it can be pulled. */
export async function pushTo (socket: string, registry: string, image: string, login: object = {}): Promise<string> {
  const { repo, tag } = split(image)
  const target = `${registry}/${repo}`
  await askEngine(socket, `POST /images/${image}/tag?repo=${encodeURIComponent(target)}&tag=${tag}`)
  const auth = Buffer.from(JSON.stringify(login)).toString('base64')
  const { status, body } = await callEngine(socket, `POST /images/${target}/push?tag=${tag}`, { headers: { 'x-registry-auth': auth } })
  if (status >= 400) throw new Error(`push of ${target}:${tag} was answered with ${status}: ${body}`)
  throwOnErrorLine(body)
  return `${target}:${tag}`
}

/** Takes the image (this name of it) from the engine's store. One that is not there is no error. */
export async function removeImage (socket: string, image: string): Promise<void> {
  const { status, body } = await callEngine(socket, `DELETE /images/${image}`)
  if (status >= 400 && status !== 404) throw new Error(`removal of ${image} was answered with ${status}: ${body}`)
}

function split (image: string): { repo: string, tag: string } {
  const colon = image.lastIndexOf(':')
  return colon > image.lastIndexOf('/') ? { repo: image.slice(0, colon), tag: image.slice(colon + 1) } : { repo: image, tag: 'latest' }
}

async function askText (socket: string, call: string, body: Buffer): Promise<string> {
  const answer = await callEngine(socket, call, { body })
  if (answer.status >= 400) throw new Error(`${call} was answered with ${answer.status}: ${answer.body}`)
  return answer.body
}

/** The engine tells of a failure inside a 200 answer. */
function throwOnErrorLine (ndjson: string): void {
  for (const line of ndjson.split('\n').filter(Boolean)) {
    const { error } = JSON.parse(line) as { error?: string }
    if (error !== undefined) throw new Error(error)
  }
}

const applets = ['sh', 'echo', 'printf', 'sleep', 'cat', 'true', 'false', 'yes', 'head', 'tail', 'dd', 'seq', 'tr', 'wc', 'env',
  'id', 'pwd', 'ls', 'mkdir', 'touch', 'rm', 'kill', 'wget', 'nc', 'ip', 'hostname', 'stat', 'sort', 'date']

/** A root file system with a static busybox in /bin, as a tar. */
async function busyboxTar (): Promise<Buffer> {
  const program = await staticBusybox()
  const root = mkdtempSync(join(tmpdir(), 'slipway-busybox-'))
  try {
    for (const folder of ['bin', 'tmp', 'etc']) mkdirSync(join(root, folder))
    copyFileSync(program, join(root, 'bin', 'busybox'))
    for (const applet of applets) symlinkSync('busybox', join(root, 'bin', applet))
    const options = ['--create', '--numeric-owner', '--owner=0', '--group=0', '--directory', root]
    return execFileSync('tar', [...options, '.'], { maxBuffer: 64 * 2 ** 20 })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** A dynamic one names its loader, and would find none in the image. */
async function staticBusybox (): Promise<string> {
  for (const path of ['/bin/busybox', '/usr/bin/busybox', '/sbin/busybox'].filter(existsSync)) {
    const bytes = await readFile(path)
    if (!bytes.includes('/ld-linux') && !bytes.includes('/ld-musl')) return path
  }
  throw new Error('no static busybox on this machine; on Debian and Ubuntu: apt-get install busybox-static')
}

// The yardstick: create, attach with the output into a file, start, by node:http on the engine's socket, and nothing in between.
// Its wish comes as JSON in the first argument; it prints when each launch was over, and removes the containers when its input ends.
import { createWriteStream, mkdirSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { RawWish } from './raw.ts'
import { createCall } from './wish.ts'

const { socket: socketPath, folder, count, atOnce, perSecond, ...wish } = JSON.parse(process.argv[2] ?? '') as RawWish
const agent = new Agent({ keepAlive: true })
const [ids, launches]: [string[], object[]] = [[], []]

function call (method: string, path: string, body?: object): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ socketPath, agent, method, path, headers: { 'content-type': 'application/json' } }, answer => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => { text += chunk }).on('error', reject)
      answer.on('end', () => { if (answer.statusCode! < 400) resolve(text); else reject(new Error(`${method} ${path}: ${text}`)) })
    }).on('error', reject).end(body && JSON.stringify(body))
  })
}

function attach (id: string, file: string): Promise<void> {
  const path = `/containers/${id}/attach?stream=1&stdout=1&stderr=1`
  return new Promise((resolve, reject) => {
    request({ socketPath, agent: false, method: 'POST', path, headers: { connection: 'Upgrade', upgrade: 'tcp' } })
      .on('upgrade', (_answer, pipe) => { pipe.on('error', () => {}).pipe(createWriteStream(file)); resolve() })
      .on('response', ({ statusCode }) => { reject(new Error(`attach was answered with ${statusCode}`)) }).on('error', reject).end()
  })
}

async function launchOne (dueMs: number): Promise<void> {
  if (dueMs > performance.now()) await wait(dueMs - performance.now())
  const { name, sandbox, body } = createCall(wish, folder)
  mkdirSync(sandbox)
  const { Id } = JSON.parse(await call('POST', `/containers/create?name=${name}`, body)) as { Id: string }
  ids.push(Id)
  await attach(Id, `${sandbox}/stdout`)
  await call('POST', `/containers/${Id}/start`)
  launches.push({ dueMs: dueMs - startedAtMs, doneMs: performance.now() - startedAtMs })
}

async function inTurns (total: number, width: number, work: (at: number) => Promise<void>): Promise<void> {
  let next = 0
  await Promise.all(Array.from({ length: Math.min(total, width) }, async () => { while (next < total) await work(next++) }))
}

let startedAtMs = performance.now()
try {
  await inTurns(Math.min(count, atOnce), atOnce, () => launchOne(0))       // warm, as an agent is that has been running
  launches.length = 0
  startedAtMs = performance.now()
  await inTurns(count, atOnce, at => launchOne(perSecond > 0 ? startedAtMs + at * 1000 / perSecond : performance.now()))
  console.log(JSON.stringify(launches))
  for await (const _ of process.stdin);
} finally {
  await inTurns(ids.length, 8, async at => { await call('DELETE', `/containers/${ids[at]}?force=true&v=true`) })
  process.exit()
}

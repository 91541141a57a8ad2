/*  A whole agent whose work directory is on a small disk that gets full, and is emptied again; tells what it did, a line each.
 *    TMPDIR: that disk */
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from './eventually.ts'
import { startOwnAgent } from './own-agent.ts'
import { startSimEngine } from './sim-engine.ts'

const ballast = join(tmpdir(), 'ballast')
const say = (text: string): void => { process.stdout.write(`${text}\n`) }

await using engine = await startSimEngine()
await using agent = await startOwnAgent(engine.socket)
const framework = await agent.subscribe()
const health = async (): Promise<string> => (JSON.parse((await agent.get('/health')).text) as { checkpoint: string }).checkpoint
const [running = ''] = await framework.launch({ shell: 'sleep 1000' })
await framework.until(running, 'TASK_RUNNING')
for (let bytes = 1 << 22; bytes >= 4096; bytes >>= 1) await writeFile(ballast, Buffer.alloc(bytes), { flag: 'a' }).catch(() => {})

const large = { shell: 'true', environment: { LARGE: 'x'.repeat(400_000) } }
const first = await framework.run(large)
say(`${first.state} ${first.labels?.labels?.[0]?.value}`)
say(`health ${await health()}, writable ${await agent.metric('slipway_checkpoint_writable')}`)
const second = await framework.run({ shell: 'true' })
say(`${second.state} ${second.labels?.labels?.[0]?.value}: ${/no task can be taken on/.exec(second.message ?? '')?.[0]}`)
await framework.kill(running)
say(`the one that ran: ${(await framework.end(running)).state}`)
await rm(ballast)
await eventually(async () => await health() === 'ok', { withinMs: 30_000, reason: 'that it heals' })
say(`healed, writable ${await agent.metric('slipway_checkpoint_writable')}`)
say((await framework.run(large)).state)

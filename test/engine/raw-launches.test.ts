import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { mkdtemp, mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCall, taskInfoOf } from '../../bench/load/launch/wish.ts'
import { askEngine } from '../support/engine-api.ts'
import { eventually } from '../support/eventually.ts'
import { ensureBusybox } from '../support/images.ts'
import { needsEngine } from '../support/requires.ts'
import { startTestAgent } from '../support/test-agent.ts'

const { socket, skip } = needsEngine()
const folder = await mkdtemp(join(tmpdir(), 'slipway-raw-'))
after(() => rm(folder, { recursive: true, force: true }))

interface Inspected { readonly Config: Record<string, unknown>, readonly HostConfig: Record<string, unknown> }

for (const network of ['host', 'bridge', 'none'] as const) {
  test(`on network ${network} the raw engine is asked for the same container as the agent asks for`, { skip }, async () => {
    const wish = { image: await ensureBusybox(socket), network, uris: [], logLines: 1 }
    await using agent = await startTestAgent(socket)
    const framework = await agent.subscribe()
    await eventually(() => framework.offers.length > 0, { reason: 'an offer' })
    const [taskId = ''] = await framework.launch({ info: taskInfoOf(wish, `same-${network}`, framework.offers[0]?.agent_id.value ?? '') })
    await framework.until(taskId, 'TASK_RUNNING')
    const [ours] = await askEngine<Array<{ Id: string }>>(socket, `GET /containers/json?filters={"label":["slipway.task=${taskId}"]}`)

    const { name, sandbox, body } = createCall(wish, folder)
    await mkdir(sandbox)
    const { Id } = await askEngine<{ Id: string }>(socket, `POST /containers/create?name=${name}`, { body })
    const [mine, theirs] = [await inspect(ours?.Id ?? ''), await inspect(Id)]
    await askEngine(socket, `DELETE /containers/${Id}?force=true&v=true`)
    assert.deepEqual(theirs, mine)
  })
}

/** What does not depend on which container it is: of names and places only that they are there. */
async function inspect (id: string): Promise<object> {
  const { Config, HostConfig } = await askEngine<Inspected>(socket, `GET /containers/${id}/json`)
  const { Labels, Env, Hostname: _, ...config } = Config as { Labels: object, Env: string[], Hostname: string }
  const { Mounts, ...host } = HostConfig as { Mounts: Array<{ Source: string }> }
  return {
    config, host,
    labels: Object.keys(Labels).sort(),
    variables: Env.map(variable => variable.slice(0, variable.indexOf('='))).sort(),
    mounts: Mounts.map(({ Source: _source, ...mount }) => mount),
  }
}

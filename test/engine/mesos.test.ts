import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { internal, MessageTypes } from '../../src/wire/messages.ts'
import { ensureBusybox } from '../support/images.ts'
import type { Internal } from '../support/libprocess-peer.ts'
import { newTally } from '../support/mesos-master/compare.ts'
import { differences } from '../support/mesos-master/differences.ts'
import { agentOf, beginAt, recordedSettings } from '../support/mesos-master/recorded-ground.ts'
import { Replay } from '../support/mesos-master/replay.ts'
import { TestMaster } from '../support/mesos-master/test-master.ts'
import { needsEngine } from '../support/requires.ts'
import { startTestAgent } from '../support/test-agent.ts'
import { recordedScenario } from '../unit/wire/recorded-wire.ts'

const { socket, skip } = needsEngine()

/** What the recorded host had, and this one has elsewhere. */
function adaptTo (image: string, folder: string): (name: Internal, message: MessageTypes[Internal]) => void {
  return (name, message) => {
    if (name !== 'internal.RunTaskMessage') return
    const { container } = (message as internal.RunTaskMessage).task
    if (container?.docker?.image === 'fixture/busybox:1') container.docker.image = image
    for (const volume of container?.volumes ?? []) volume.host_path = (volume.host_path ?? '').replace('/srv/fixture-data', folder)
  }
}

for (const name of ['b_host_exit0', 'c_exit3', 'd_bridge_full_kill', 'f_image_missing']) {
  test(`a task on a real engine has the updates that a recorded agent sent: ${name}`, { skip }, async t => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-recorded-'))
    mkdirSync(join(folder, 'scratch'))
    const lines = recordedScenario('wire', `${name}.jsonl`)
    const tally = newTally()
    await using master = await TestMaster.start({ acknowledges: false })
    master.agentId = agentOf(lines)
    const settings = { ...recordedSettings, dockerStopTimeout: '5s', allowHostPaths: folder, master: master.address }
    await using agent = await startTestAgent(socket, settings)
    const replay = new Replay(master, { differences, tally, adapt: adaptTo(await ensureBusybox(socket), folder), withinMs: 60_000 })
    await beginAt(lines, replay, master)
    await replay.play(lines)
    assert.deepEqual([tally.faults, replay.surplus()], [[], []])
    t.diagnostic(`${tally.equal} fields equal, ${tally.allowed} allowed to differ`)
    await agent.stop()
    rmSync(folder, { recursive: true, force: true })
  })
}

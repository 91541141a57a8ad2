import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { askEngine } from '../../test/support/engine-api.ts'
import type { Machine } from './report.ts'

interface EngineInfo { readonly ServerVersion: string, readonly Driver: string, readonly CgroupVersion?: string }

/** What the figures depend on. */
export async function describeMachine (engineSocket: string | undefined): Promise<Machine> {
  const cpu = cpus()[0]?.model ?? 'unknown'
  const host = { cores: availableParallelism(), cpu, memoryMb: Math.round(totalmem() / 2 ** 20), kernel: release(), node: process.version }
  if (engineSocket === undefined) return host
  const { ServerVersion, Driver, CgroupVersion = '1' } = await askEngine<EngineInfo>(engineSocket, 'GET /info')
  return { ...host, engine: { version: ServerVersion, storageDriver: Driver, cgroupVersion: CgroupVersion } }
}

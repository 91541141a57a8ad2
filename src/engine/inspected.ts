import type { ContainerInspectInfo } from 'dockerode'
import type { EngineState, Inspected } from '../model/inspected.ts'

/** The engine's inspect document, as it came, → what we ask of it. */
export function toInspected (text: string): Inspected {
  const document = JSON.parse(text) as ContainerInspectInfo
  const { State: state, NetworkSettings: net } = document
  const address = Object.values((net.Networks as typeof net.Networks | null) ?? {}).find(network => network.IPAddress)?.IPAddress
  return {
    id: document.Id,
    running: state.Running,
    pid: state.Pid,
    status: state.Status as EngineState,
    exitCode: state.ExitCode,
    oomKilled: state.OOMKilled,
    startedAtMs: timeOf(state.StartedAt),
    finishedAtMs: timeOf(state.FinishedAt),
    error: state.Error,
    ipAddress: address === '' ? undefined : address,
    document: withoutProfile(document, text),
  }
}

/** The year 1 stands for never. */
function timeOf (text: string | undefined): number | undefined {
  const ms = Date.parse(text ?? '')
  return ms > 0 ? ms : undefined
}

/** Kilobytes that are the same for every container: nobody who is told of one wants them. */
function withoutProfile (document: ContainerInspectInfo, text: string): string {
  const host = document.HostConfig as { SecurityOpt?: string[] | null } | undefined
  const options = host?.SecurityOpt
  if (options?.some(isProfile) !== true) return text.trim()
  return JSON.stringify({ ...document, HostConfig: { ...host, SecurityOpt: options.map(option => isProfile(option) ? 'seccomp=(a profile)' : option) } })
}

function isProfile (option: string): boolean {
  return option.startsWith('seccomp={')
}

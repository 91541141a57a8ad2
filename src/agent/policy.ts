import { AgentError } from '../model/errors.ts'
import { flagOf, type Config, type SettingName } from '../model/settings.ts'

/** The settings by which an operator says what tasks may ask for. */
export type Policy = Pick<Config,
  'defaultNetwork' | 'alwaysPull' | 'hostNetworkDropCaps' | 'dockerUser' | 'memorySwap' | 'pidsLimit' | 'cgroupsEnableCfs' |
  'allowNetworks' | 'createNetworks' | 'allowUsers' | 'allowHostPaths' | 'allowVolumeDrivers' | 'allowPrivileged' | 'allowCapabilities' | 'allowDevices' |
  'allowRuntimes' | 'allowHostNamespaces' | 'allowSecurityOptions' | 'allowResourceParameters' | 'allowParameters'>

/** What is refused by policy; says which setting would allow it. */
export function notAllowed (what: string, setting: SettingName, detail: { field?: string } = {}): AgentError {
  return new AgentError('NOT_ALLOWED', `${what} is not allowed; ${flagOf(setting)} would allow it`, detail)
}

export function invalid (field: string, why: string): AgentError {
  return new AgentError('SPEC_INVALID', `${field} ${why}`, { field })
}

export function noNul (text: string, field: string): void {
  if (text.includes('\0')) throw invalid(field, 'holds a NUL character')
}

import type { v1 } from '../../wire/messages.ts'
import type { CheckKind, Finding } from './check.ts'

/** What a look found, in Mesos's words; without one, that there is no result yet, or none. */
export function checkStatus (kind: CheckKind, finding: Finding | undefined): v1.CheckStatusInfo {
  const { exitCode, statusCode } = finding ?? {}
  switch (kind) {
    case 'COMMAND': return { type: kind, command: exitCode === undefined ? {} : { exit_code: exitCode } }
    case 'HTTP': return { type: kind, http: statusCode === undefined ? {} : { status_code: statusCode } }
    case 'TCP': return { type: kind, tcp: finding === undefined ? {} : { succeeded: finding.isGood } }
  }
}

export function isSame (a: v1.CheckStatusInfo | undefined, b: v1.CheckStatusInfo): boolean {
  return a?.command?.exit_code === b.command?.exit_code && a?.http?.status_code === b.http?.status_code && a?.tcp?.succeeded === b.tcp?.succeeded
}

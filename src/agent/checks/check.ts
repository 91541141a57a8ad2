/** What a check looks at. */
export type Target =
  | { readonly kind: 'COMMAND', readonly argv: readonly string[], readonly environment: Readonly<Record<string, string>> }
  | { readonly kind: 'HTTP', readonly port: number, readonly path: string, readonly scheme: 'http' | 'https', readonly family: Family }
  | { readonly kind: 'TCP', readonly port: number, readonly family: Family }

export type Family = 'IPv4' | 'IPv6'

export const checkKinds = ['COMMAND', 'HTTP', 'TCP'] as const
export type CheckKind = typeof checkKinds[number]

/** A check of a running container, over and over. */
export interface Check {
  readonly target: Target
  /** From the container's start to the first. */
  readonly delayMs: number
  /** From the end of one to the next. */
  readonly intervalMs: number
  readonly timeoutMs: number
}

/** A check that decides whether the task may go on. */
export interface HealthCheck extends Check {
  /** Failures before the first success do not count this long after the container's start. */
  readonly graceMs: number
  /** So many failures in a row end the task. */
  readonly maxFailures: number
}

/** What one look found. */
export interface Finding {
  readonly isGood: boolean
  /** For people: "connection refused". */
  readonly says: string
  readonly exitCode?: number
  readonly statusCode?: number
}

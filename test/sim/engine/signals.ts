import { constants } from 'node:os'

/** Signals that do nothing to a program which does not ask for them. */
const harmless = new Set([constants.signals.SIGCHLD, constants.signals.SIGCONT, constants.signals.SIGURG, constants.signals.SIGWINCH])

export const isHarmless = (signal: number): boolean => harmless.has(signal)

/** The number of a signal given as 15, TERM or SIGTERM. */
export function signalNumber (text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text)
  const name = text.toUpperCase().replace(/^(SIG)?/, 'SIG')
  return (constants.signals as Record<string, number | undefined>)[name]
}

/** What the code asks of a logger; pino fits as it is. Fields first, then one short sentence. */
export interface Log {
  debug (fields: object, message: string): void
  info (fields: object, message: string): void
  warn (fields: object, message: string): void
  error (fields: object, message: string): void
  child (fields: object): Log
}

const quiet = (): void => {}

export const silentLog: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet, child: () => silentLog }

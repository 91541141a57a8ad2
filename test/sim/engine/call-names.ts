/** The calls that a test can put a fault on and finds in the record of calls. */
export type CallName =
  | 'ping' | 'version' | 'info' | 'events' | 'pull' | 'import' | 'inspectImage' | 'listImages' | 'removeImage' | 'create' | 'attach'
  | 'start' | 'kill' | 'stop' | 'remove' | 'inspect' | 'list' | 'wait' | 'logs' | 'update' | 'execCreate' | 'execStart' | 'execInspect'
  | 'inspectNetwork' | 'unknown'

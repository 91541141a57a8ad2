/** The calls that a test can put a fault on and finds in the record of calls. */
export const callNames = ['ping', 'version', 'info', 'pull', 'import', 'inspectImage', 'listImages', 'removeImage', 'create', 'attach', 'start', 'kill', 'stop',
  'remove', 'inspect', 'list', 'wait', 'logs', 'update', 'events', 'unknown'] as const

export type CallName = typeof callNames[number]

/** The messages of Mesos as plain objects: names as in proto/, enum values by name, bytes as Uint8Array, nothing filled in. */
export type * as v1 from './generated/v1.ts'
export type * as scheduler from './generated/scheduler.ts'
export type * as executor from './generated/executor.ts'
export type * as agent from './generated/agent.ts'
/** What is said over libprocess: see proto/mesos/internal. */
export type * as internal from './generated/internal.ts'

export type { MessageTypes } from './generated/message-types.ts'

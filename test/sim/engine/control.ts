import type { CallName } from './call-names.ts'
import type { CallRecord } from './calls.ts'
import type { Container, ContainerState, CreateBody, Kept } from './container.ts'
import type { Fault } from './faults.ts'
import type { ImageCommand, RemoteImage } from './images.ts'
import type { SimNetwork } from './network-handlers.ts'

/*  test                          engine's process
 *  { id, verb, input }    -->
 *                         <--    { id, output } or { id, error }
 *                         <--    { kept: row } when a container changed, { lost: id } when one is gone; likewise { image, command }  */

/** What a test sees of a container. */
export interface SimContainer {
  readonly id: string
  readonly name: string
  readonly state: ContainerState
  readonly exitCode: number
  readonly labels: Readonly<Record<string, string>>
  readonly attached: number
  /** As the client sent it. */
  readonly body: CreateBody
}

export interface Verbs {
  restore: { input: { containers: Kept[], networks: SimNetwork[] }, output: null }
  /** Last: what is there must be there before the first call. */
  listen: { input: { folder: string, socketPath: string }, output: null }
  addImage: { input: { name: string, image: ImageCommand }, output: null }
  addRemoteImage: { input: { name: string, image: RemoteImage }, output: null }
  images: { input: null, output: string[] }
  fault: { input: Fault, output: null }
  mend: { input: null, output: null }
  release: { input: null, output: null }
  cut: { input: { call: CallName }, output: number }
  containers: { input: null, output: SimContainer[] }
  networks: { input: null, output: SimNetwork[] }
  calls: { input: null, output: readonly CallRecord[] }
  forgetCalls: { input: null, output: null }
  connections: { input: null, output: number }
  outOfMemory: { input: { container: string }, output: null }
  exit: { input: { container: string, exitCode: number }, output: null }
}

export type VerbName = keyof Verbs

export interface Order<V extends VerbName = VerbName> { id: number, verb: V, input: Verbs[V]['input'] }
export type Report =
  | { id: number, output: unknown }
  | { id: number, error: string }
  | { kept: Kept }
  | { lost: string }
  | { image: string, command: ImageCommand | undefined }
  | { networkId: string, network: SimNetwork | undefined }

export type Controls = { [V in VerbName]: (input: Verbs[V]['input']) => Verbs[V]['output'] | Promise<Verbs[V]['output']> }

export function viewOf ({ id, name, state, exitCode, body, attached }: Container): SimContainer {
  return { id, name, state, exitCode, labels: body.Labels ?? {}, attached: attached.size, body }
}

import type { agent } from '../../wire/messages.ts'
import type { OperatorDeps, Told } from './answers.ts'
import { killContainer, removeContainer, waitContainer } from './container-calls.ts'

type Act = (deps: OperatorDeps, call: agent.Call) => Told | undefined | Promise<Told | undefined>

/** The calls that do something, or wait. That the part which a call needs is there has been checked. */
export const containerActs: Partial<Record<agent.Call_Type, Act>> = {
  WAIT_CONTAINER: async (deps, { wait_container: part }) => part && { wait_container: await waitContainer(deps, part) },
  WAIT_NESTED_CONTAINER: async (deps, { wait_nested_container: part }) => part && { wait_nested_container: await waitContainer(deps, part) },
  KILL_CONTAINER: (deps, { kill_container: part }) => part && killContainer(deps, part),
  KILL_NESTED_CONTAINER: (deps, { kill_nested_container: part }) => part && killContainer(deps, part),
  REMOVE_CONTAINER: (deps, { remove_container: part }) => part && removeContainer(deps, part),
  REMOVE_NESTED_CONTAINER: (deps, { remove_nested_container: part }) => part && removeContainer(deps, part),
  // The images of the engine are not those that Mesos means: nothing is done, as with its own Docker containerizer.
  PRUNE_IMAGES: () => undefined,
}

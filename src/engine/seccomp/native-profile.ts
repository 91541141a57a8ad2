import type { Argument, Condition, Profile, Rule } from './profile.ts'

/** What later engines have taken out of their default: this profile is not to be weaker than theirs. */
const takenOut = new Set(['io_uring_enter', 'io_uring_register', 'io_uring_setup'])
const vsock = 40

/**
 * An engine's default profile for the native ABI alone: system calls of the others (32-bit and x32 on x86-64) end the process. What the engine has to
 * compile is a third of it.
 */
export function nativeProfile ({ defaultAction, archMap, syscalls }: Profile): Profile {
  return {
    defaultAction,
    archMap: (archMap ?? []).map(({ architecture }) => ({ architecture })),
    syscalls: (syscalls ?? []).flatMap(native),
  }
}

/** Two rules where it names `socket`: sockets to the host's hypervisor are what later engines refuse, too. */
function native ({ names, action, errnoRet, args, includes, excludes }: Rule): Rule[] {
  const kept = (names ?? []).filter(name => !takenOut.has(name))
  const others = kept.filter(name => name !== 'socket')
  const rest = { action, ...(errnoRet !== undefined && { errnoRet }), ...filled({ includes, excludes }) }
  const noVsock: Argument = { index: 0, value: vsock, op: 'SCMP_CMP_NE' }
  return [
    ...(others.length > 0 ? [{ names: others, ...rest, ...(args && args.length > 0 && { args }) }] : []),
    ...(kept.includes('socket') ? [{ names: ['socket'], ...rest, args: [...args ?? [], noVsock] }] : []),
  ]
}

function filled (conditions: Readonly<Record<'includes' | 'excludes', Condition | undefined>>): Pick<Rule, 'includes' | 'excludes'> {
  return Object.fromEntries(Object.entries(conditions).filter(([, condition]) => condition !== undefined && Object.keys(condition).length > 0))
}

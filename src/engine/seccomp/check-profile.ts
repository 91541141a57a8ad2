import type { Profile } from './profile.ts'

type Check = (value: unknown, field: string) => void

const actions = ['KILL', 'KILL_PROCESS', 'KILL_THREAD', 'TRAP', 'ERRNO', 'TRACE', 'ALLOW', 'LOG'].map(name => `SCMP_ACT_${name}`)
const operators = ['NE', 'LT', 'LE', 'EQ', 'GE', 'GT', 'MASKED_EQ'].map(name => `SCMP_CMP_${name}`)
const errnos = integer(0, 4095)
const names = list(matching(/^\w+$/, 'a name'))

const capabilities = list(matching(/^CAP_\w+$/, 'a capability, CAP_…'))
const condition = record({ caps: capabilities, arches: names, minKernel: matching(/^[1-9]\d*\.\d+$/, 'a version such as 4.8') })

const rule = record({
  names, name: matching(/^\w*$/, 'a name'), action: oneOf(actions), errnoRet: errnos, comment: text, includes: condition, excludes: condition,
  // Values have 64 bits: those that JavaScript rounds are passed on as they are written.
  args: list(record({ index: integer(0, 5), value: integer(0, 2 ** 64), valueTwo: integer(0, 2 ** 64), op: oneOf(operators) }, ['index', 'op'])),
}, ['action'])

const architecture = matching(/^SCMP_ARCH_\w+$/, 'an architecture, SCMP_ARCH_…')
const profile = record({
  defaultAction: oneOf(actions), defaultErrnoRet: errnos, architectures: list(architecture), syscalls: list(rule),
  flags: list(matching(/^SECCOMP_FILTER_FLAG_\w+$/, 'a flag, SECCOMP_FILTER_FLAG_…')),
  archMap: list(record({ architecture, subArchitectures: list(architecture) }, ['architecture'])),
}, ['defaultAction'])

/**
 * Throws an Error that names the field where a profile is not as the engine takes it. The engine itself passes over what it does not know, and tells of
 * the rest when a container is started.
 */
export function checkProfile (value: unknown): void {
  profile(value, '')
  const { architectures, archMap, syscalls } = value as Profile
  if (isFilled(architectures) && isFilled(archMap)) throw new Error('architectures: expected either architectures or archMap, not both')
  for (const [at, one] of (syscalls ?? []).entries()) {
    if (isFilled(one.names) === isFilled(one.name)) throw new Error(`syscalls[${at}]: expected either names or name`)
  }
}

function isFilled (some: string | readonly unknown[] | null | undefined): boolean {
  return (some?.length ?? 0) > 0
}

function record (fields: Readonly<Record<string, Check>>, required: readonly string[] = []): Check {
  return (value, field) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw expected('a JSON object', field)
    const within = (name: string): string => field === '' ? name : `${field}.${name}`
    for (const [name, one] of Object.entries(value)) {
      const check = Object.hasOwn(fields, name) ? fields[name] : undefined
      if (check === undefined) throw new Error(`${within(name)}: expected one of the fields ${Object.keys(fields).join(', ')}`)
      check(one, within(name))
    }
    for (const name of required) if (!Object.hasOwn(value, name)) throw new Error(`${within(name)}: is missing`)
  }
}

/** The engine's own profile has null for none. */
function list (check: Check): Check {
  return (value, field) => {
    if (value === null) return
    if (!Array.isArray(value)) throw expected('a list', field)
    for (const [at, one] of value.entries()) check(one, `${field}[${at}]`)
  }
}

function oneOf (words: readonly string[]): Check {
  return (value, field) => { if (!words.includes(value as string)) throw expected(`one of ${words.join(', ')}`, field) }
}

function matching (pattern: RegExp, what: string): Check {
  return (value, field) => { if (typeof value !== 'string' || !pattern.test(value)) throw expected(what, field) }
}

function integer (least: number, most: number): Check {
  return (value, field) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) throw expected(`a whole number from ${least} to ${most}`, field)
  }
}

function text (value: unknown, field: string): void {
  if (typeof value !== 'string') throw expected('a text', field)
}

function expected (what: string, field: string): Error {
  return new Error(`${field === '' ? '' : `${field}: `}expected ${what}`)
}

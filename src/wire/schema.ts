import { descriptor } from './generated/descriptor.ts'

/** What the codecs need to know of a message. */
export interface Schema {
  readonly name: string
  /** In the order of declaration, which is the order Mesos prints them in. */
  readonly fields: readonly Field[]
  /** In the order of the numbers, which is protobuf's order. */
  readonly byNumber: ReadonlyMap<number, Field>
}

export type Scalar = 'string' | 'bytes' | 'bool' | 'double' | 'float' | 'int32' | 'uint32' | 'int64' | 'uint64'

export interface Field {
  readonly name: string
  readonly id: number
  readonly rule: 'required' | 'optional' | 'repeated' | 'map'
  readonly type: Scalar | 'enum' | 'message'
  /** The names by number, of an enum. */
  readonly values?: ReadonlyMap<number, string>
  /** Looked up when asked for: a ContainerID holds a ContainerID. */
  readonly schema?: () => Schema
  /** Printed if the field is not set: a default in the .proto file, unless the field is deprecated. */
  readonly printedDefault?: string | number | boolean
  /** Printed as [] if the list is empty. */
  readonly printedEmpty?: true
}

/** Of these messages an agent prints empty lists as well; of all others it leaves them out. */
const printingEmptyLists = new Set(['GetTasks', 'GetExecutors', 'GetFrameworks'].map(name => `.mesos.v1.agent.Response.${name}`))

interface FieldJson {
  type: string, id: number, rule?: 'required' | 'repeated', keyType?: string
  options?: { default?: string | number | boolean, deprecated?: boolean }
}
interface Node { fields?: Record<string, FieldJson>, values?: Record<string, number>, nested?: Record<string, Node> }

const schemas = new Map<string, Schema>()
let nodes: Map<string, Node> | undefined

/** By a name as in MessageTypes, or a full one with a dot in front. */
export function schemaOf (name: string): Schema {
  const fullName = name.startsWith('.') ? name : fullNameOf(name)
  const known = schemas.get(fullName)
  if (known) return known
  const fields = fieldsOf(fullName, nodeOf(fullName).fields ?? {})
  const schema: Schema = { name, fields, byNumber: new Map([...fields].sort((a, b) => a.id - b.id).map(field => [field.id, field])) }
  schemas.set(fullName, schema)
  return schema
}

/** 'v1.TaskInfo' is .mesos.v1.TaskInfo, 'scheduler.Call' is .mesos.v1.scheduler.Call, 'internal.PingSlaveMessage' .mesos.internal.PingSlaveMessage. */
function fullNameOf (name: string): string {
  return /^(v1|internal)\./.test(name) ? `.mesos.${name}` : `.mesos.v1.${name}`
}

function fieldsOf (fullName: string, fields: Record<string, FieldJson>): Field[] {
  const ofLists = printingEmptyLists.has(fullName) ? { printedEmpty: true } as const : {}
  return Object.entries(fields).map(([name, json]) => {
    return { name, id: json.id, rule: ruleOf(json), ...typeOf(json.type), ...printedDefaultOf(json), ...ofLists }
  })
}

function ruleOf ({ rule, keyType }: FieldJson): Field['rule'] {
  return keyType === undefined ? rule ?? 'optional' : 'map'
}

function typeOf (type: string): Pick<Field, 'type' | 'values' | 'schema'> {
  if (!type.startsWith('.')) return { type: type as Scalar }
  const { values } = nodeOf(type)
  if (!values) return { type: 'message', schema: () => schemaOf(type) }
  return { type: 'enum', values: new Map(Object.entries(values).map(([name, number]) => [number, name])) }
}

function printedDefaultOf ({ rule, options }: FieldJson): Pick<Field, 'printedDefault'> {
  if (rule === 'required' || options?.default === undefined || options.deprecated === true) return {}
  return { printedDefault: options.default }
}

function nodeOf (fullName: string): Node {
  nodes ??= new Map(walk('', JSON.parse(descriptor) as Node))
  const node = nodes.get(fullName)
  if (!node) throw new Error(`no message ${fullName} in proto/`)
  return node
}

function * walk (name: string, node: Node): Generator<[string, Node]> {
  yield [name, node]
  for (const [key, child] of Object.entries(node.nested ?? {})) yield * walk(`${name}.${key}`, child)
}

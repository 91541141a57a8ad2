// Makes src/wire/generated/ from the .proto files here: the descriptors as JSON, and an interface for each message.
// Plain Node and protobufjs. A file whose text would not change is not touched, so that nothing is compiled anew for it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import protobuf from 'protobufjs'

const home = fileURLToPath(new URL('.', import.meta.url))
const target = fileURLToPath(new URL('../src/wire/generated/', import.meta.url))
const files = [...['scheduler', 'executor', 'agent'].map(name => `mesos/v1/${name}.proto`), 'mesos/internal/messages.proto']      // and what they import
const packages = ['v1', 'scheduler', 'executor', 'agent', 'internal']

const scalars = {
  string: 'string', bytes: 'Uint8Array', bool: 'boolean', double: 'number', float: 'number',
  int32: 'number', uint32: 'number', int64: 'number | bigint', uint64: 'number | bigint',
}

const root = loadRoot()
const owners = {
  '.mesos.v1.scheduler.': 'scheduler', '.mesos.v1.executor.': 'executor', '.mesos.v1.agent.': 'agent', '.mesos.v1.': 'v1', '.mesos.internal.': 'internal',
}
mkdirSync(target, { recursive: true })
write('descriptor.ts', `export const descriptor: string = ${quote(JSON.stringify(root.toJSON()))}\n`)
for (const name of packages) write(`${name}.ts`, packageText(name))
write('message-types.ts', messageTypesText())

function loadRoot () {
  const root = new protobuf.Root()
  root.resolvePath = (_origin, path) => path.startsWith('/') ? path : home + path
  root.loadSync(files, { keepCase: true })
  root.resolveAll()
  for (const { message } of everything(root)) {
    for (const field of message?.fieldsArray ?? []) if (field.resolvedType) field.type = field.resolvedType.fullName
  }
  return root
}

/** Every message and enum, in the order of declaration. */
function * everything (parent) {
  for (const thing of parent.nestedArray) {
    if (thing instanceof protobuf.Enum) yield { enumeration: thing }
    else if (thing instanceof protobuf.Type) yield { message: thing }
    if (thing instanceof protobuf.Namespace) yield * everything(thing)
  }
}

/** '.mesos.v1.ContainerInfo.DockerInfo' is DockerInfo of ContainerInfo in package v1: ['v1', 'ContainerInfo_DockerInfo']. */
function nameOf ({ fullName }) {
  const prefix = Object.keys(owners).find(prefix => fullName.startsWith(prefix))
  return [owners[prefix], fullName.slice(prefix.length).replaceAll('.', '_')]
}

function packageText (home) {
  const parts = [...everything(root)].filter(({ message, enumeration }) => nameOf(message ?? enumeration)[0] === home)
    .map(({ message, enumeration }) => message ? interfaceText(message, home) : unionText(enumeration))
  const head = home === 'v1' ? '' : "import type * as v1 from './v1.ts'\n\n"
  return head + parts.join('\n')
}

function unionText (enumeration) {
  const values = Object.keys(enumeration.values).map(value => `  | '${value}'\n`)
  return `export type ${nameOf(enumeration)[1]} =\n${values.join('')}`
}

function interfaceText (message, home) {
  const fields = message.fieldsArray.map(field => `  ${fieldText(field, home)}\n`)
  return `export interface ${nameOf(message)[1]} {\n${fields.join('')}}\n`
}

function fieldText (field, home) {
  const type = field.resolvedType ? reference(field.resolvedType, home) : scalars[field.type]
  if (field.required) return `${field.name}: ${type}`
  const whole = field.map ? `Record<string, ${type}>` : field.repeated ? `Array<${type}>` : type
  return `${field.name}?: ${whole} | undefined`
}

function reference (type, home) {
  const [owner, name] = nameOf(type)
  return owner === home ? name : `${owner}.${name}`
}

function messageTypesText () {
  const rows = [...everything(root)].filter(({ message }) => message).map(({ message }) => {
    const [owner, name] = nameOf(message)
    return `  '${owner}.${name.replaceAll('_', '.')}': ${owner}.${name}\n`
  })
  const imports = packages.map(name => `import type * as ${name} from './${name}.ts'\n`)
  const head = '/** Every message by its name, as the codecs take it. */\nexport interface MessageTypes {'
  return `${imports.join('')}\n${head}\n${rows.join('')}}\n`
}

function quote (text) {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

function write (name, text) {
  const whole = `// Generated from proto/ by proto/generate.mjs.\n${text}`
  if (current(target + name) !== whole) writeFileSync(target + name, whole)
}

function current (path) {
  try { return readFileSync(path, 'utf8') } catch { return undefined }
}

/** Fields of a newer peer as they came, tag and value, on a message decoded from protobuf: not enumerable, so nobody else sees them. */
const key = Symbol('unknown fields')

type Carrier = { [key]?: Uint8Array[] }

export function unknownFields (message: object): readonly Uint8Array[] {
  return (message as Carrier)[key] ?? []
}

export function addUnknownField (message: object, bytes: Uint8Array): void {
  const carrier = message as Carrier
  if (!carrier[key]) Object.defineProperty(message, key, { value: [] })
  carrier[key]!.push(Uint8Array.from(bytes))
}

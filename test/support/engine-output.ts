/** What came out of a container, by stream. */
export interface Output { readonly stdout: string, readonly stderr: string }

/** Reads an attach stream to its end and takes the frames apart: stream number, three zeros, length, bytes. */
export async function readOutput (stream: NodeJS.ReadableStream): Promise<Output> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  const all = Buffer.concat(chunks)
  const parts: Record<number, Buffer[]> = { 1: [], 2: [] }
  for (let at = 0; at < all.length;) {
    const length = all.readUInt32BE(at + 4)
    const part = parts[all.readUInt8(at)]
    if (!part || at + 8 + length > all.length) throw new Error(`no whole frame at byte ${at} of ${all.length}`)
    part.push(all.subarray(at + 8, at + 8 + length))
    at += 8 + length
  }
  const text = (stream: number): string => Buffer.concat(parts[stream] ?? []).toString()
  return { stdout: text(1), stderr: text(2) }
}

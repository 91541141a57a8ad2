import { AgentError } from '../model/errors.ts'

const maxLineBytes = 1 << 20

/** The JSON documents of a stream, one a line. A line that is not JSON, or over 1 MB, is the engine's fault and ends it: ENGINE_REFUSED. */
export async function * readNdjson (stream: AsyncIterable<Buffer | string>): AsyncGenerator<unknown> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const chunk of stream) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield parse(line)
    if (rest.length > maxLineBytes) throw new AgentError('ENGINE_REFUSED', 'the engine sent a line of more than 1 MB')
  }
  if (rest.trim() !== '') yield parse(rest)
}

function parse (line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw new AgentError('ENGINE_REFUSED', `the engine sent what is not JSON: ${line.slice(0, 100)}`)
  }
}

import { STATUS_CODES } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { AgentError } from '../../../src/model/errors.ts'
import type { Wanted } from './follow-redirects.ts'
import type { Response } from './http-client.ts'

const maxSaidBytes = 16 * 1024
const maxWaitMs = 2_000
const longestRetryAfterS = 3_600

export function statusText (status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ''}`.trim()
}

/** Tells of an answer that brings no file, in the server's own words where they can be had quickly. */
export async function refuseStatus ({ statusCode, headers, body }: Response, { explain }: Wanted, signal: AbortSignal): Promise<never> {
  const said = explain && explain(await beginOf(body, signal))
  body.on('error', () => {}).destroy()
  const after = Number(headers['retry-after'])
  const retryAfterMs = after > 0 && after <= longestRetryAfterS ? after * 1000 : undefined
  throw new AgentError('FETCH_FAILED', `${statusText(statusCode)}${said === undefined ? '' : ` (${said})`}`, { status: statusCode, retryAfterMs })
}

async function beginOf (body: Response['body'], signal: AbortSignal): Promise<string> {
  const controller = new AbortController()
  const read = async (): Promise<string> => {
    let text = ''
    for await (const chunk of body) {
      text += String(chunk)
      if (text.length > maxSaidBytes) break
    }
    return text
  }
  try {
    return await Promise.race([read().catch(() => ''), pause(maxWaitMs, '', { signal: controller.signal })])
  } finally {
    controller.abort()
    signal.throwIfAborted()
  }
}

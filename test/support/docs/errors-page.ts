import { errorCodes } from '../../../src/model/errors.ts'
import { page, table } from './markdown.ts'

/** docs/errors.md, from the table of codes. */
export function errorsPage (): string {
  const rows = Object.entries(errorCodes).map(([code, { retry, help }]) => [`\`${code}\``, retry ? 'yes' : 'no', help])
  return page('Errors',
    `Every failure has one of these codes. It stands in the agent's log, in the answers of \`/slipway/v1/…\`, as the label \`code\` of
\`slipway_stage_failures_total\`, and behind the message on the screen. *Retry*: the same request may succeed later.`,
    table(['code', 'retry', 'what it means and what to do'], rows))
}

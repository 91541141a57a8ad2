/** How the commands end. The help of `slipway` and docs/cli.md print this table. */
export const exitCodes = {
  ok: { code: 0, about: 'All went well; of `slipway run`: so did the task.' },
  failed: { code: 1, about: 'It could not be done; the reason is on stderr. Never from `slipway run`, unless the task itself ended so.' },
  usage: { code: 2, about: 'The command line or a setting cannot be understood.' },
  notLaunched: { code: 125, about: '`slipway run`: the task could not be launched, was lost, or its output not written; stage, reason, hint are on stderr.' },
  interrupted: { code: 130, about: 'Interrupted; of `slipway run`: before the task ran, or a second time while it was being killed.' },
} as const

/** The table as --help shows it. */
export function exitCodeHelp (): string {
  const lines = Object.values(exitCodes).map(({ code, about }) => `  ${String(code).padEnd(5)}${about}`)
  return `\nExit codes:\n${lines.join('\n')}\n  else The task's own exit code, of \`slipway run\`.`
}
